'use strict';
const { spawnSync } = require('child_process');
const path = require('path');

const program = path.join(__dirname, '..', 'senders.py');

let missing;

/** For the row of many senders only: Python 3 with non-blocking sockets and epoll. */
exports.label = 'Python, epoll';
exports.cannot = () => {
  missing ??= spawnSync('python3', ['--version']).status !== 0;
  return missing ? 'no python3' : undefined;
};
exports.native = (row, role, params) => ['python3', program, row, role, JSON.stringify(params)];
