'use strict';
// npm run test:garbage [-- COUNT]: __test__/garbage/ with 100,000 sockets opened and closed, or COUNT.

const { spawnSync } = require('child_process');
const path = require('path');

const { status } = spawnSync(process.execPath, ['--test', '__test__/garbage/garbage.test.js'], {
  cwd: path.join(__dirname, '..'),
  env: { ...process.env, GARBAGE_CYCLES: process.argv[2] || '100000' },
  stdio: 'inherit',
});
process.exitCode = status === null ? 1 : status;
