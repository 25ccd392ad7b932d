'use strict';
const lib = require('../lib/lazy')(() => require('node-unix-socket-0.2.7'));

exports.label = 'node-unix-socket 0.2.7';
exports.cannot = (params) => {
  if (params.mode === 'drain') return "write() returns nothing and there is no 'drain'";
  if (params.mode === 'cork') return 'no cork()';
  if (params.connected) return 'no connect() for datagrams';
  return undefined;
};

/** The seqpacket socket of 0.2.7 with the current write(message, callback). Callbacks may run before write() returns. */
const wrap = (socket) => ({
  on: (event, fn) => socket.on(event, fn),
  write(message, cb) {
    socket.write(message, 0, message.length, cb && (() => cb(null)));
    return true;
  },
  end: () => socket.end(),
});

exports.listen = (path, onConnection) => {
  const server = new (lib().SeqpacketServer)();
  server.on('connection', (socket) => onConnection(wrap(socket)));
  server.listen(path, 4096);
  return server;
};

exports.connect = (path, onConnect) => {
  const socket = new (lib().SeqpacketSocket)();
  const wrapped = wrap(socket);
  socket.connect(path, () => onConnect(wrapped));
  return wrapped;
};

exports.open = (path, onOpen) => {
  const socket = new (lib().DgramSocket)();
  if (path) socket.bind(path);
  setImmediate(onOpen, {
    on: (event, fn) => socket.on(event, fn),
    address: (to) => to,
    send(message, to, cb) {
      socket.sendTo(message, 0, message.length, to, cb);
      return true;
    },
  });
};

/** In a cluster worker listen({ fd }) uses the descriptor of that number in the primary, so the processes are child processes without cluster. */
exports.plainChildren = true;
exports.serve = (server, { port, host }) => server.listen({ fd: lib().createReuseportFd(port, host) });
exports.packages = ['node_modules/node-unix-socket-0.2.7', 'node_modules/node-unix-socket-linux-x64-gnu'];
