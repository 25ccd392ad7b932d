'use strict';
const lib = require('../lib/lazy')(() => require('../..'));

exports.label = 'node-unix-socket';
exports.cannot = () => undefined;

exports.listen = (path, onConnection, options) => {
  const server = new (lib().SeqpacketServer)();
  server.on('connection', onConnection);
  return server.listen({ path, backlog: 4096, socket: options });
};

exports.connect = (path, onConnect, options) => {
  const socket = new (lib().SeqpacketSocket)(options);
  socket.connect(path, () => onConnect(socket));
  return socket;
};

exports.open = (path, onOpen) => {
  const { DgramSocket } = lib();
  const socket = new DgramSocket();
  if (path) socket.bind(path);
  setImmediate(onOpen, {
    on: (event, fn) => socket.on(event, fn),
    address: (to) => to,
    connect(to, callback) {
      socket.connect(to);
      this.send = (message, _, cb) => socket.send(message, cb);
      callback();
    },
    send: (message, to, cb) => socket.send(message, to, cb),
    cork: () => socket.cork(),
    uncork: () => socket.uncork(),
  });
};

exports.serve = (server, options) => lib().listenReuseport(server, options);
exports.packages = ['.'];
