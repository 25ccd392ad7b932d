'use strict';

/**
 * A service that systemd starts on the first connection. systemd creates the listening sockets; the service inherits them as descriptors 3 and up.
 * In a .socket unit: ListenSequentialPacket=/run/echo.sock or ListenDatagram=/run/log.sock
 */

const { SeqpacketServer, DgramSocket } = require('../..'); // in your program: require('node-unix-socket')

/** sd_listen_fds(3): the inherited descriptors with their names. */
function listenFds(env = process.env) {
  if (Number(env.LISTEN_PID) !== process.pid) return []; // they are meant for another process
  const names = (env.LISTEN_FDNAMES || '').split(':');
  return Array.from({ length: Number(env.LISTEN_FDS) }, (_, i) => ({ fd: 3 + i, name: names[i] || 'unknown' }));
}

/** Replies to each request in capitals. The connection that started this service is already in the backlog. */
function serveRequests(fd) {
  const server = new SeqpacketServer();
  server.on('connection', (socket) => {
    socket.on('data', (request) => socket.write(request.toString().toUpperCase()));
    socket.on('end', () => socket.end());
    socket.on('close', () => server.close()); // the example has one client
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
