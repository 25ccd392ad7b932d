'use strict';
// Rows 4 and 33 of the defects of 0.2.7: exceptions of listeners and callbacks reach 'uncaughtException' only.

const assert = require('node:assert');
const { once } = require('node:events');
const { collect, python, sockPath } = require('../../helpers');
const { lib } = require('../../helpers/lib');
const { connected, connecting, datagram, listening } = require('../../helpers/pair');
const { isolated } = require('../../helpers/isolated');

/** Resolves to the messages of the next n errors that reach 'uncaughtException'. */
const uncaught = async (n) => (await collect(process, 'uncaughtException', n)).map(([err]) => err.message);

/** A function that throws its name the first time it is called. */
function throwsOnce(name) {
  let calls = 0;
  return () => {
    if (calls++ === 0) throw new Error(name);
  };
}

isolated("row 4: an exception in 'connection' does not affect other connections", async (t) => {
  const { server, path } = listening(t);
  const failures = uncaught(1);
  server.on('connection', (peer) => t.after(() => peer.destroy()));
  server.on('connection', throwsOnce('connection'));
  server.on('connection', (peer) => peer.on('data', (data) => peer.write(data)));
  connecting(t, path);
  const second = connecting(t, path);
  await once(second, 'connect');
  assert.deepStrictEqual(await failures, ['connection']);
  second.write(Buffer.from('still served'));
  assert.strictEqual(String((await once(second, 'data'))[0]), 'still served');
});

/** Ways to run `fn` when a client has connected. */
const connectWays = {
  "'connect'": (client, path, fn) => {
    client.once('connect', fn);
    client.connect(path);
  },
  'the callback of connect': (client, path, fn) => client.connect(path, fn),
};

for (const [where, connect] of Object.entries(connectWays)) {
  isolated(`row 4: after an exception in ${where} the connection works`, async (t) => {
    const { server, path } = listening(t);
    const failures = uncaught(1);
    const client = new lib.SeqpacketSocket();
    t.after(() => client.destroy());
    connect(client, path, throwsOnce(where));
    const [peer] = await once(server, 'connection');
    t.after(() => peer.destroy());
    assert.deepStrictEqual(await failures, [where]);
    client.write(Buffer.from('alive'));
    assert.strictEqual(String((await once(peer, 'data'))[0]), 'alive');
  });
}

isolated('row 4: after an exception in the callback of a queued message all other callbacks run', async (t) => {
  const { client, peer } = await connected(t);
  const failures = uncaught(1);
  const total = 100;
  let called = 0;
  let late = false;
  const all = new Promise((resolve) => {
    for (let i = 0; i < total; i++) {
      client.write(Buffer.alloc(16384), 0, 16384, () => {
        if (++called === total) resolve();
        if (late) {
          late = false;
          throw new Error('late callback');
        }
      });
    }
    late = true;
  });
  const messages = collect(peer, 'data', total);
  assert.deepStrictEqual(await failures, ['late callback']);
  await Promise.all([all, messages]);
});

isolated("row 4: after an exception in 'data' of a connection the other messages are delivered", async (t) => {
  const { client, peer } = await connected(t);
  const failures = uncaught(1);
  peer.on('data', throwsOnce('data'));
  const messages = collect(peer, 'data', 3);
  for (const text of ['a', 'b', 'c']) client.write(Buffer.from(text));
  assert.deepStrictEqual(await failures, ['data']);
  client.write(Buffer.from('d'));
  // The collecting listener is the second one, so that it does not get the message whose first listener threw.
  assert.deepStrictEqual(
    (await messages).map(([data]) => String(data)),
    ['b', 'c', 'd'],
  );
});

isolated(
  "compatibility: after an exception in 'data' of a datagram socket the other messages are delivered",
  async (t) => {
    const path = sockPath(t);
    const receiver = datagram(t, path);
    const sender = datagram(t);
    const failures = uncaught(1);
    receiver.on('data', throwsOnce('data'));
    const messages = collect(receiver, 'data', 3);
    for (const text of ['a', 'b', 'c', 'd']) sender.sendTo(Buffer.from(text), 0, 1, path);
    assert.deepStrictEqual(await failures, ['data']);
    assert.deepStrictEqual(
      (await messages).map(([data]) => String(data)),
      ['b', 'c', 'd'],
    );
  },
);

isolated("row 4: after an exception in 'end' the other direction works", async (t) => {
  const { client, peer } = await connected(t);
  const failures = uncaught(1);
  peer.on('data', () => {});
  peer.on('end', throwsOnce('end'));
  client.end();
  assert.deepStrictEqual(await failures, ['end']);
  peer.write(Buffer.from('answer'));
  assert.strictEqual(String((await once(client, 'data'))[0]), 'answer');
});

// Connects and closes without reading.
const goneUnread = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
sys.stdin.readline()
s.close()
`;

isolated("row 33: the socket is destroyed before an 'error' listener that throws runs", async (t) => {
  const { server, path } = listening(t);
  const client = python(t, goneUnread, [path]);
  const [socket] = await once(server, 'connection');
  t.after(() => socket.destroy());
  const failures = uncaught(1);
  let destroyed = null;
  socket.on('data', () => {});
  socket.on('error', () => {
    destroyed = socket.destroyed;
    throw new Error('error listener');
  });
  const closed = new Promise((resolve) => socket.once('close', resolve)); // once() would reject on 'error'
  socket.write(Buffer.from('unread'));
  client.send('\n');
  assert.deepStrictEqual(await failures, ['error listener']);
  await closed;
  assert.strictEqual(destroyed, true);
});
