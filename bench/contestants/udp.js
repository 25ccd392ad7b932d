'use strict';
const dgram = require('dgram');
const fs = require('fs');

exports.label = 'node:dgram, loopback';
exports.lossy = true;
exports.cannot = (params) => (params.mode === 'cork' ? 'no cork()' : undefined);

const host = '127.0.0.1';
// The address is a port: it is written to the file at the path.
const address = (path) => Number(fs.readFileSync(path, 'utf8'));

exports.open = (path, onOpen) => {
  const socket = dgram.createSocket('udp4');
  socket.bind(0, host, () => {
    if (path) fs.writeFileSync(path, String(socket.address().port));
    onOpen({
      on: (event, fn) =>
        event === 'data' ? socket.on('message', (message, info) => fn(message, info.port)) : socket.on(event, fn),
      address,
      connect(to, callback) {
        this.send = (message, _, cb) => socket.send(message, cb);
        socket.connect(address(to), host, callback);
      },
      send: (message, to, cb) => socket.send(message, to, host, cb),
    });
  });
};
