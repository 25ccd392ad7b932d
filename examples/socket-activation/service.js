'use strict';

/**
 * A service that systemd starts when somebody connects: the listening sockets are made by systemd and inherited from 3 up.
 * In a .socket unit: ListenSequentialPacket=/run/echo.sock or ListenDatagram=/run/log.sock
 */

const { SeqpacketServer, DgramSocket } = require('../..'); // in your program: require('node-unix-socket')

/** sd_listen_fds(3): the inherited descriptors with their names. */
function listenFds(env = process.env) {
  if (Number(env.LISTEN_PID) !== process.pid) return []; // meant for another process
  const names = (env.LISTEN_FDNAMES || '').split(':');
  return Array.from({ length: Number(env.LISTEN_FDS) }, (_, i) => ({ fd: 3 + i, name: names[i] || 'unknown' }));
}

/** Answers each request in capitals. The connection that woke us up is already in the backlog. */
function serveRequests(fd) {
  const server = new SeqpacketServer();
  server.on('connection', (socket) => {
    socket.on('data', (request) => socket.write(request.toString().toUpperCase()));
    socket.on('end', () => socket.end());
    socket.on('close', () => server.close()); // one visitor is enough for an example
  });
  server.listen({ fd });
}

function serveLog(fd) {
  const socket = new DgramSocket({ fd });
  socket.on('data', (line) => {
    console.log(`logged: ${line}`);
    if (line.toString() === 'bye') socket.close();
  });
}

if (require.main === module) {
  for (const { fd, name } of listenFds()) {
    console.log(`started with descriptor ${fd} named ${name}`);
    if (name === 'log') serveLog(fd);
    else serveRequests(fd);
  }
}

module.exports = { listenFds, serveRequests, serveLog };
