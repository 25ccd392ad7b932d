'use strict';
// Behaviour that programs for 0.2.7 rely on. These tests pass with 0.2.7, too.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { createRequire } = require('node:module');
const { sockPath, tmp } = require('../../helpers');
const { lib, root } = require('../../helpers/lib');
const { connected, connecting, datagram, listening } = require('../../helpers/pair');
const { isolated } = require('../../helpers/isolated');

isolated('compatibility: connect() to a missing path throws, and _state() is 5 then', async (t) => {
  const socket = new lib.SeqpacketSocket();
  assert.strictEqual(socket._state(), 1);
  assert.throws(() => socket.connect(sockPath(t)), /No such file or directory/);
  assert.strictEqual(socket._state(), 5);
});

isolated("compatibility: end() emits '_shutdown' after the shutdown, and _state() is 3 then", async (t) => {
  const { client, peer } = await connected(t);
  const shutdown = once(client, '_shutdown');
  peer.on('data', () => {});
  const ended = once(peer, 'end');
  client.end();
  await shutdown;
  assert.strictEqual(client._state(), 3);
  await ended;
});

isolated('compatibility: _state() is 2 while end() waits for queued messages', async (t) => {
  const { client, peer } = await connected(t);
  for (let i = 0; i < 64; i++) client.write(Buffer.alloc(16384), 0, 16384); // more than the kernel accepts at once
  client.end();
  assert.strictEqual(client._state(), 2);
  peer.on('data', () => {});
  await once(client, '_shutdown');
  assert.strictEqual(client._state(), 3);
});

isolated('compatibility: a socket closes when both sides have ended', async (t) => {
  const { client, peer } = await connected(t);
  const closed = Promise.all([once(client, 'close'), once(peer, 'close')]);
  for (const socket of [client, peer]) socket.on('data', () => {});
  client.end();
  peer.end();
  await closed;
  assert.deepStrictEqual([client._state(), peer._state()], [5, 5]);
});

isolated('compatibility: the server can reply after the client has ended', async (t) => {
  const { client, peer } = await connected(t);
  const answer = once(client, 'data');
  peer.on('data', (data) => peer.write(data, 0, data.length, () => peer.end()));
  client.on('data', () => {});
  client.write(Buffer.from('question'), 0, 8);
  client.end();
  assert.strictEqual(String((await answer)[0]), 'question');
});

const longPath = `/tmp/${'x'.repeat(200)}`;

for (const [words, call] of [
  ['path to bind is too long', () => new lib.SeqpacketServer().listen(longPath)],
  ['path to bind is too long', (t) => datagram(t).bind(longPath)],
  ['invalid host', () => lib.createReuseportFd(0, 'localhost')],
  ['SeqpacketSocket has been destroyed', () => closed(new lib.SeqpacketSocket()).write(Buffer.from('x'))],
  ['SeqpacketSocket has been destroyed', (t) => closed(new lib.SeqpacketSocket()).connect(sockPath(t))],
  ['DgramSocket has been closed', (t) => closed(new lib.DgramSocket()).bind(sockPath(t))],
  ['DgramSocket has been closed', (t) => closed(new lib.DgramSocket()).sendTo(Buffer.from('x'), 0, 1, sockPath(t))],
  ['SeqpacketServer has been closed', (t) => closed(new lib.SeqpacketServer()).listen(sockPath(t))],
  ['SeqpacketServer has been closed', () => closed(new lib.SeqpacketServer()).address()],
]) {
  isolated(`compatibility: the error contains '${words}' (${call.toString().replace(/^.*?=> /, '')})`, async (t) => {
    assert.throws(() => call(t), new RegExp(words));
  });
}

function closed(socket) {
  socket.close();
  return socket;
}

isolated(
  "compatibility: a client of a server that closes before it accepts emits 'error' with EBADF in the message",
  async (t) => {
    const { server, path: at } = listening(t);
    const client = connecting(t, at);
    server.close();
    const [err] = await once(client, 'error');
    assert.match(err.message, /EBADF/);
  },
);

isolated('compatibility: new DgramSocket() accepts any argument', async () => {
  const anything = [() => {}, null, undefined, 5, 'text', true, Symbol('s')];
  for (const argument of anything) new lib.DgramSocket(argument).close();
});

isolated("compatibility: 'data' has a Buffer and, on a datagram socket, the path of the sender", async (t) => {
  const [ours, theirs] = [sockPath(t), sockPath(t)];
  const receiver = datagram(t, ours);
  datagram(t, theirs).sendTo(Buffer.from('x'), 0, 1, ours);
  const [data, from] = await once(receiver, 'data');
  assert.ok(Buffer.isBuffer(data));
  assert.strictEqual(from, theirs);
  const { client, peer } = await connected(t);
  client.write(Buffer.from('x'), 0, 1);
  assert.ok(Buffer.isBuffer((await once(peer, 'data'))[0]));
});

isolated('compatibility: socket files remain after close()', async (t) => {
  const { server, path: at } = listening(t);
  server.close();
  const other = sockPath(t);
  datagram(t, other).close();
  assert.ok(fs.statSync(at).isSocket() && fs.statSync(other).isSocket());
});

isolated('compatibility: address() returns the path, and an empty string before bind()', async (t) => {
  const socket = datagram(t);
  assert.strictEqual(socket.address(), '');
  const { server, path: at } = listening(t);
  assert.strictEqual(server.address(), at);
});

isolated('compatibility: a write callback without parameters runs on success', async (t) => {
  const { client, peer } = await connected(t);
  peer.on('data', () => {});
  await new Promise((resolve) => client.write(Buffer.from('x'), 0, 1, () => resolve()));
});

isolated('compatibility: the buffer sizes of a datagram socket can be set', async (t) => {
  const socket = datagram(t);
  socket.setRecvBufferSize(65536);
  socket.setSendBufferSize(65536);
  assert.ok(socket.getRecvBufferSize() >= 65536 && socket.getSendBufferSize() >= 65536);
  const seqpacket = new lib.SeqpacketSocket();
  assert.strictEqual(seqpacket.getInternalReadBufferSize(), 262144);
  seqpacket.setInternalReadBufferSize(1024);
  assert.strictEqual(seqpacket.getInternalReadBufferSize(), 1024);
  seqpacket.destroy();
});

isolated('compatibility: descriptors of createReuseportFd() share a port', async () => {
  const server = net.createServer().listen({ fd: lib.createReuseportFd(0, '127.0.0.1') });
  await once(server, 'listening');
  const { port } = server.address();
  lib.closeFd(lib.createReuseportFd(port, '127.0.0.1'));
  await new Promise((resolve) => server.close(resolve));
});

isolated('compatibility: the deep imports of 0.2.7 resolve', async (t) => {
  const folder = tmp(t);
  fs.mkdirSync(path.join(folder, 'node_modules'));
  fs.symlinkSync(root, path.join(folder, 'node_modules', 'node-unix-socket'));
  const require = createRequire(path.join(folder, 'user.js'));
  const main = require('node-unix-socket');
  assert.strictEqual(require('node-unix-socket/js/index').DgramSocket, main.DgramSocket);
  assert.strictEqual(require('node-unix-socket/js/seqpacket').SeqpacketServer, main.SeqpacketServer);
  assert.strictEqual(require('node-unix-socket/js/seqpacket').SeqpacketSocket, main.SeqpacketSocket);
  assert.strictEqual(require('node-unix-socket/js/dgram').DgramSocket, main.DgramSocket);
  assert.strictEqual(require('node-unix-socket/js/socket').closeFd, main.closeFd);
});

isolated('row 21: a connection that was never accepted fails with ECONNRESET of connect, not with EBADF', async (t) => {
  const { server, path: at } = listening(t);
  const client = connecting(t, at);
  server.close();
  const [{ code, errno, syscall }] = await once(client, 'error');
  assert.deepStrictEqual({ code, errno, syscall }, { code: 'ECONNRESET', errno: -104, syscall: 'connect' });
});
