'use strict';

/** A child process of parent.js: adds the numbers of each request. It exits when the parent ends its side, or exits. */

const { SeqpacketSocket } = require('../..'); // in your program: require('node-unix-socket')

const socket = new SeqpacketSocket({ fd: 3 });
socket.on('data', (request) => {
  const numbers = JSON.parse(request);
  socket.write(JSON.stringify({ pid: process.pid, sum: numbers.reduce((sum, number) => sum + number, 0) }));
});
socket.on('end', () => socket.end());
socket.on('error', (err) => console.error(err.message)); // for example the parent exited with unread replies
