'use strict';

/** Connected and bound sockets, closed after the test. Works with 0.2.7, too. */
const { once } = require('node:events');
const { sockPath } = require('.');
const { lib } = require('./lib');

/** A server, a client of it, and `peer`, the server's socket of that connection. */
async function connected(t) {
  const { server, path } = listening(t);
  const client = connecting(t, path);
  const [[peer]] = await Promise.all([once(server, 'connection'), once(client, 'connect')]);
  t.after(() => peer.destroy());
  return { server, client, peer, path };
}

function listening(t) {
  const path = sockPath(t);
  const server = new lib.SeqpacketServer();
  t.after(() => server.close());
  server.listen(path);
  return { server, path };
}

function connecting(t, path) {
  const client = new lib.SeqpacketSocket();
  t.after(() => client.destroy());
  client.connect(path);
  return client;
}

/** A datagram socket, bound if a path is given. */
function datagram(t, path) {
  const socket = new lib.DgramSocket();
  t.after(() => socket.close());
  if (path !== undefined) socket.bind(path);
  return socket;
}

module.exports = { connected, listening, connecting, datagram };
