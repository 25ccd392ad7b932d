'use strict';

/**
 * Subscribes to publisher.js. Run as a program, it reports to its parent process what it receives: each message is a number, so
 * that it knows how many it has missed.
 */

const { DgramSocket } = require('../..'); // in your program: require('node-unix-socket')

/** Binds a socket to `path` and subscribes with it. Only processes of the same user and root can send to the socket. */
function subscribe(publisher, path) {
  const socket = new DgramSocket();
  socket.bind(path, { mode: 0o600, unlinkStale: true, unlinkOnClose: true });
  const request = () => socket.send('subscribe', publisher);
  process.on('SIGCONT', request); // the publisher may have given it up while this process was stopped
  socket.on('close', () => process.removeListener('SIGCONT', request));
  request();
  return socket;
}

module.exports = { subscribe };

if (require.main === module) {
  const [publisher, path] = process.argv.slice(2);
  const socket = subscribe(publisher, path);
  socket.on('error', (err) => console.error(err.message)); // the publisher has exited, for example
  const counts = { received: 0, missed: 0, last: 0 };
  socket.on('data', (message) => {
    const number = parseInt(message, 10);
    if (counts.received > 0) counts.missed += number - counts.last - 1;
    counts.received++;
    counts.last = number;
    process.send(counts);
  });
  process.on('message', (busy) => {
    if (busy) socket.pause();
    else socket.resume();
    process.send({ busy });
  });
  process.once('disconnect', () => socket.close());
}
