'use strict';
// Rows 26, 27, 28, 32 and 35 of the defects of 0.2.7: connecting, ending, closing, order of events.

const assert = require('node:assert');
const { once } = require('node:events');
const { eventually, openFds, sockPath } = require('../../helpers');
const { lib } = require('../../helpers/lib');
const { connected, connecting, datagram, listening } = require('../../helpers/pair');
const { isolated } = require('../../helpers/isolated');
const { turns } = require('../../helpers/sockets');

for (const [what, make] of Object.entries({
  DgramSocket: async () => {
    const socket = new lib.DgramSocket();
    socket.bind(sockPath({ after: (fn) => process.on('exit', fn) }));
    return socket;
  },
  SeqpacketServer: async () => {
    const server = new lib.SeqpacketServer();
    server.listen(sockPath({ after: (fn) => process.on('exit', fn) }));
    return server;
  },
  SeqpacketSocket: async (t) => (await connected(t)).client,
})) {
  isolated(`row 26: ref() and unref() of a ${what} return it`, async (t) => {
    const socket = await make(t);
    assert.strictEqual(socket.ref(), socket);
    assert.strictEqual(socket.unref(), socket); // the socket stays open, and the process must end
  });
}

isolated('row 27: a message written before a client has connected arrives', async (t) => {
  const { server, path } = listening(t);
  server.on('connection', (peer) => {
    t.after(() => peer.destroy());
    peer.on('data', (data) => peer.write(Buffer.from(`${data}, answered`)));
  });
  const client = connecting(t, path);
  const connect = once(client, 'connect');
  client.write(Buffer.from('at once'));
  await connect;
  assert.strictEqual(String((await once(client, 'data'))[0]), 'at once, answered');
});

isolated('row 28: a second connect() throws EISCONN, and the connection works', async (t) => {
  const { client, peer, path } = await connected(t);
  assert.throws(() => client.connect(path), { code: 'EISCONN' });
  client.write(Buffer.from('alive'));
  assert.strictEqual(String((await once(peer, 'data'))[0]), 'alive');
});

const closedError = { code: 'ERR_SOCKET_CLOSED' };

for (const [what, call] of Object.entries({
  write: (socket) => assert.throws(() => socket.write(Buffer.from('stray')), closedError),
  connect: (socket, path) => assert.throws(() => socket.connect(path), closedError),
  end: (socket) => socket.end(),
})) {
  isolated(`row 28: ${what} after a failed connect() does not affect the next owner of the descriptor`, async (t) => {
    const failed = new lib.SeqpacketSocket();
    assert.throws(() => failed.connect(sockPath(t)));
    const { client, peer, path } = await connected(t);
    const events = [];
    peer.on('data', (data) => events.push(String(data)));
    peer.on('end', () => events.push('end'));
    call(failed, path);
    client.write(Buffer.from('last'));
    await eventually(() => events.includes('last'), 'the last message');
    await turns();
    assert.deepStrictEqual(events, ['last']);
  });
}

/** Records the names of events in order. */
function record(socket, ...names) {
  const events = [];
  for (const name of names) socket.on(name, () => events.push(name));
  return events;
}

isolated("row 32: 'end' is emitted before 'close'", async (t) => {
  const { client, peer } = await connected(t);
  const events = record(client, 'end', 'close');
  client.on('data', () => {});
  await new Promise((resolve) => client.end(resolve));
  peer.end();
  await once(client, 'close');
  assert.deepStrictEqual(events, ['end', 'close']);
});

isolated("row 32: the callback of end() runs before 'close'", async (t) => {
  const { client, peer } = await connected(t);
  const events = record(client, 'end', 'close');
  client.on('data', () => {});
  peer.end();
  await once(client, 'end');
  client.end(() => events.push('callback'));
  await once(client, 'close');
  assert.deepStrictEqual(events, ['end', 'callback', 'close']);
});

isolated('row 32: each callback of end() runs, after queued messages are sent', async (t) => {
  const { client, peer } = await connected(t);
  let received = 0;
  for (let i = 0; i < 64; i++) client.write(Buffer.alloc(16384)); // more than the kernel accepts at once
  const called = [];
  const ended = new Promise((resolve) => {
    client.end(() => called.push('first'));
    client.end(() => resolve(called.push('second')));
  });
  peer.on('data', () => received++);
  await Promise.all([ended, once(peer, 'end')]);
  assert.deepStrictEqual([called, received], [['first', 'second'], 64]);
});

isolated("row 32: an accepted socket emits 'end', then 'close', when its peer closes", async (t) => {
  const { client, peer } = await connected(t);
  const events = record(peer, 'data', 'end', 'close');
  client.write(Buffer.from('x'));
  client.destroy();
  await once(peer, 'close');
  assert.deepStrictEqual(events, ['data', 'end', 'close']);
});

const make = {
  SeqpacketSocket: async (t) => (await connected(t)).client,
  SeqpacketServer: async (t) => listening(t).server,
  DgramSocket: async (t) => datagram(t),
};

for (const [type, name] of [
  ['SeqpacketSocket', '_data'],
  ['SeqpacketSocket', '_connect'],
  ['SeqpacketSocket', '_error'],
  ['SeqpacketServer', '_connection'],
  ['SeqpacketServer', '_error'],
  ['DgramSocket', '_data'],
  ['DgramSocket', '_error'],
]) {
  const faked = name.slice(1);
  isolated(`row 35: emit('${name}') on a ${type} does not emit '${faked}'`, async (t) => {
    const socket = await make[type](t);
    const events = record(socket, faked, 'close');
    socket.emit(name, null);
    await turns();
    assert.deepStrictEqual(events, []);
  });
}

isolated('row 35: sockets work after removeAllListeners()', async (t) => {
  const before = openFds();
  const { server, client, peer } = await connected(t);
  for (const emitter of [server, client, peer]) emitter.removeAllListeners();
  client.write(Buffer.from('still here'));
  assert.strictEqual(String((await once(peer, 'data'))[0]), 'still here');
  peer.on('close', () => {});
  client.destroy();
  await once(peer, 'close');
  server.close();
  await eventually(() => openFds() <= before, 'no more descriptors than before');
});
