'use strict';
// AbortSignals whose addEventListener throws or calls the listener at once.

const assert = require('node:assert');
const { once } = require('node:events');
const { openFds } = require('../helpers');
const { isolated } = require('../helpers/isolated');
const { lib } = require('../helpers/lib');
const { abstractName, pair, texts, turns } = require('../helpers/sockets');

/** A signal whose addEventListener calls `act` at its n-th call. */
function signal(act, n = 1) {
  let calls = 0;
  return {
    aborted: false,
    reason: undefined,
    addEventListener(_type, listener) {
      if (++calls === n) act(listener);
    },
    removeEventListener() {},
  };
}

const fail = () => {
  throw new Error('from the signal');
};

const makers = {
  'a datagram socket': () => new lib.DgramSocket({ signal: signal(fail) }),
  'a connection': () => new lib.SeqpacketSocket({ signal: signal(fail) }),
  'a pair': () => lib.createSocketPair('seqpacket', { signal: signal(fail) }),
  'the second of a pair': () => lib.createSocketPair('dgram', { signal: signal(fail, 2) }),
  'a server': () => new lib.SeqpacketServer().listen({ path: abstractName(), signal: signal(fail) }),
};

for (const [what, make] of Object.entries(makers)) {
  isolated(`${what} whose signal throws leaves no descriptor open and affects no other socket`, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    assert.throws(make, { message: 'from the signal' });
    await turns();
    const before = openFds();
    for (let i = 0; i < 10; i++) assert.throws(make, { message: 'from the signal' });
    await turns();
    assert.strictEqual(openFds(), before);
    // New sockets work, so no descriptor is closed twice.
    const [c, d] = pair(t, 'seqpacket');
    for (const [from, to] of [
      [a, b],
      [c, d],
    ]) {
      from.write('works');
      assert.deepStrictEqual(await texts(to, 1), ['works']);
    }
  });
}

isolated('createSocketPair() throws EBADF if its first socket is closed while the second one is made', async () => {
  for (const type of ['seqpacket', 'dgram']) {
    const listeners = [];
    const hostile = {
      aborted: false,
      addEventListener(_type, listener) {
        if (listeners.push(listener) === 2) listeners[0]();
      },
      removeEventListener() {},
    };
    await turns();
    const before = openFds();
    assert.throws(() => lib.createSocketPair(type, { signal: hostile }), { code: 'EBADF' });
    await turns();
    assert.strictEqual(openFds(), before);
  }
});

isolated("a connection whose signal throws: the server emits 'error' and continues", async () => {
  const server = new lib.SeqpacketServer();
  const path = abstractName();
  server.listen({ path, socket: { signal: signal(fail) } });
  const client = new lib.SeqpacketSocket();
  const connection = new Promise((resolve) => server.once('connection', resolve));
  client.connect(path);
  const [err] = await once(server, 'error');
  assert.strictEqual(err.message, 'from the signal');
  const second = new lib.SeqpacketSocket();
  second.connect(path);
  const peer = await connection;
  for (const socket of [server, client, second, peer]) socket.close();
});

isolated("a signal that calls its listener at once: 'error' with an AbortError, then 'close'", async () => {
  const socket = new lib.DgramSocket({ signal: signal((listener) => listener()) });
  assert.strictEqual(socket.closed, false);
  const [err] = await once(socket, 'error');
  assert.strictEqual(err.name, 'AbortError');
  await once(socket, 'close');
});

isolated('an abort after the constructor has thrown has no effect', async () => {
  const controller = new AbortController();
  assert.throws(() => new lib.DgramSocket({ fd: 0, signal: controller.signal }));
  controller.abort();
  assert.throws(() => new lib.DgramSocket({ fd: 0, signal: controller.signal }));
  await turns();
});
