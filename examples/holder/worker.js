'use strict';

/** A worker process of holder.js. It replies to each request with its pid. */

const { SeqpacketServer } = require('../..'); // in your program: require('node-unix-socket')

const LISTENING_SOCKET = 4;

const connections = new Set();
const server = new SeqpacketServer();
server.on('connection', (socket) => {
  connections.add(socket);
  socket.on('data', (request) => socket.write(`${request} answered by ${process.pid}`));
  socket.on('end', () => socket.end());
  socket.on('error', () => {}); // the client has gone
  socket.on('close', () => connections.delete(socket));
});
server.listen({ fd: LISTENING_SOCKET }, () => process.send('ready'));

/**
 * Stops accepting, and asks the clients to connect again. Each connection is served until its client ends it, because a request may be on
 * its way: a reply after end() would fail. This process exits when the last connection is closed.
 */
function stop() {
  server.close();
  for (const socket of connections) if (!socket.closed) socket.write('reconnect');
  if (process.connected) process.disconnect();
}

process.once('message', stop);
process.once('disconnect', () => {
  if (!server.closed) stop(); // the holder has exited
});
