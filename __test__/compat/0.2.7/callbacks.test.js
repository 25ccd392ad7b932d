'use strict';
// Rows 5, 6, 7 and 12 of the defects of 0.2.7: time, count, order and async context of callbacks and listeners.

const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { once } = require('node:events');
const { sockPath } = require('../../helpers');
const { connected, datagram } = require('../../helpers/pair');
const { numbered, readAll, slowPeer } = require('../../helpers/slow-peer');
const { isolated } = require('../../helpers/isolated');

const ascending = (n) => Array.from({ length: n }, (_, i) => i);

/** 64 messages, 1 MiB, exceed the socket buffer, so that the last ones are queued. */
const burst = 64;

/** Writes 64 messages. Resolves to [i, err] of each callback in the order of the calls. */
function writeBurst(socket, then = () => {}) {
  return new Promise((resolve) => {
    const calls = [];
    const note = (i, err) => calls.push([i, err]) === burst && resolve(calls);
    for (let i = 0; i < burst; i++) socket.write(Buffer.alloc(16384), 0, 16384, (err) => note(i, err));
    then();
  });
}

isolated("row 5: `await once(socket, 'data')` in a loop gets every message of a batch", async (t) => {
  const { client, peer } = await connected(t);
  for (const text of '12345') client.write(Buffer.from(text));
  const got = [];
  for (let i = 0; i < 5; i++) got.push(String((await once(peer, 'data'))[0]));
  assert.deepStrictEqual(got, ['1', '2', '3', '4', '5']);
});

isolated('row 5: listeners run in the async context in which the socket was created', async (t) => {
  const context = new AsyncLocalStorage();
  const path = sockPath(t);
  const receiver = context.run('dgram', () => datagram(t, path));
  datagram(t).sendTo(Buffer.from('x'), 0, 1, path);
  const store = await new Promise((resolve) => receiver.once('data', () => resolve(context.getStore())));
  assert.strictEqual(store, 'dgram');
});

isolated('row 5: a send callback runs in the async context of its call', async (t) => {
  const context = new AsyncLocalStorage();
  const { client, peer } = await connected(t);
  peer.on('data', () => {});
  const stores = await new Promise((resolve) => {
    const seen = [];
    const note = (i) => seen.push([i, context.getStore()]) === burst && resolve(seen);
    for (let i = 0; i < burst; i++) context.run(i, () => client.write(Buffer.alloc(16384), 0, 16384, () => note(i)));
  });
  for (const [i, store] of stores) assert.strictEqual(store, i);
});

/** Calls with a callback that can complete at once. */
const callbackWays = {
  write: async (t) => {
    const { client, peer } = await connected(t);
    peer.on('data', () => {});
    return (done) => client.write(Buffer.from('x'), 0, 1, done);
  },
  sendTo: async (t) => {
    const path = sockPath(t);
    const receiver = datagram(t, path);
    receiver.on('data', () => {});
    const sender = datagram(t);
    return (done) => sender.sendTo(Buffer.from('x'), 0, 1, path, done);
  },
  end: async (t) => {
    const { client } = await connected(t);
    return (done) => client.end(done);
  },
};

for (const [what, prepare] of Object.entries(callbackWays)) {
  isolated(`row 6: the callback of ${what} runs after ${what} has returned`, async (t) => {
    const call = await prepare(t);
    await new Promise((resolve, reject) => {
      let returned = false;
      call(() => (returned ? resolve() : reject(new Error('called before the call returned'))));
      returned = true;
    });
  });
}

isolated('row 6: 20,000 calls, each from the callback before, do not overflow the stack', async (t) => {
  const sender = datagram(t);
  const nobody = sockPath(t);
  let left = 20000;
  await new Promise((resolve) => {
    const next = () => (left-- > 0 ? sender.sendTo(Buffer.from('x'), 0, 1, nobody, next) : resolve());
    next();
  });
});

isolated('row 7: callbacks run in the order of the calls', async (t) => {
  const { client, peer } = await connected(t);
  peer.on('data', () => {});
  const calls = await writeBurst(client);
  assert.deepStrictEqual(
    calls.map(([i]) => i),
    ascending(burst),
  );
});

/** Ways to close a connection with queued messages. */
const endings = {
  'destroy()': (client) => client.destroy(),
  'the peer has closed': (_, peer) => peer.destroy(),
};

for (const [what, endIt] of Object.entries(endings)) {
  isolated(`row 7: every callback runs once, in order, also after ${what}`, async (t) => {
    const { client, peer } = await connected(t);
    client.on('error', () => {});
    const calls = await writeBurst(client, () => endIt(client, peer));
    assert.deepStrictEqual(
      calls.map(([i]) => i),
      ascending(burst),
    );
    assert.strictEqual(calls[0][1], null, 'the first message was sent');
    assert.ok(calls[burst - 1][1] instanceof Error, 'the last message was not');
  });
}

for (const [what, size, code] of [
  ['the peer has closed', 1, 'EPIPE'],
  ['the message is too long', 16 << 20, 'EMSGSIZE'],
]) {
  isolated(`row 7: the callback of a write that fails because ${what} gets ${code}`, async (t) => {
    const { client, peer } = await connected(t);
    client.on('error', () => {});
    if (code === 'EPIPE') peer.destroy();
    const err = await new Promise((resolve) => client.write(Buffer.alloc(size), 0, size, (err) => resolve(err)));
    assert.strictEqual(err.code, code);
  });
}

isolated('row 12: sendTo() may be called in the callback of a queued message', async (t) => {
  const slow = await slowPeer(t);
  const sender = datagram(t);
  let next = 0;
  const sendNext = () => next < 60 && sender.sendTo(numbered(next++), 0, 4, slow.path, sendNext);
  for (let i = 0; i < 20; i++) sendNext();
  assert.deepStrictEqual(await readAll(slow, 60), ascending(60));
});

isolated('row 12: close() may be called in the callback of a queued message', async (t) => {
  const { peer, path } = await slowPeer(t);
  const sender = datagram(t);
  const closed = once(sender, 'close');
  peer.send('15\n'); // so that the kernel accepts 20 messages but not 40
  const codes = await new Promise((resolve) => {
    const seen = [];
    const note = (err) => {
      if (seen.push(err === null ? null : err.code) === 20) sender.close();
      if (seen.length === 40) resolve(seen);
    };
    for (let i = 0; i < 40; i++) sender.sendTo(numbered(i), 0, 4, path, note);
  });
  await closed;
  assert.deepStrictEqual(codes.slice(0, 20), Array(20).fill(null));
  assert.strictEqual(codes[39], 'ERR_SOCKET_CLOSED');
});
