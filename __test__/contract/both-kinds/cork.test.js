'use strict';
// cork() and uncork().

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, sockPath } = require('../../helpers');
const {
  dgram,
  numbered,
  numbers,
  pair,
  pausedPair,
  post,
  queued,
  range,
  sent,
  texts,
} = require('../../helpers/sockets');

const options = { timeout: deadline };

for (const type of ['seqpacket', 'dgram']) {
  describe(type, () => {
    test('messages after cork() are queued; uncork() sends them in order', options, async (t) => {
      const [a, b] = pair(t, type);
      a.cork();
      const done = range(50).map((i) => sent(a, numbered(i)));
      assert.strictEqual(a.writableLength, queued(50, 1000));
      assert.strictEqual(post(a, Buffer.alloc(20000)), false);
      a.uncork();
      assert.deepStrictEqual(await numbers(b, 50), range(50));
      await Promise.all(done);
    });

    test('a corked socket uncorks itself at the end of the tick', options, async (t) => {
      const [a, b] = pair(t, type);
      a.cork();
      const done = range(20).map((i) => sent(a, numbered(i)));
      assert.deepStrictEqual(await numbers(b, 20), range(20));
      await Promise.all(done);
      assert.strictEqual(a.writableLength, 0);
      a.uncork(); // has no effect: the socket uncorked itself before
      await sent(a, 'x');
      assert.deepStrictEqual(await texts(b, 1), ['x']);
    });

    test(
      'corked messages are copied and keep their order among uncorked ones; one that is too long fails alone',
      options,
      async (t) => {
        const [a, b] = pair(t, type);
        const buffer = Buffer.from('corked');
        post(a, 'first');
        a.cork();
        post(a, buffer);
        buffer.fill('?');
        const large = sent(a, Buffer.alloc(a.getSendBufferSize() * 2));
        post(a, ['in', ' parts']);
        a.uncork();
        post(a, 'last');
        await assert.rejects(large, { code: 'EMSGSIZE' });
        assert.deepStrictEqual(await texts(b, 4), ['first', 'corked', 'in parts', 'last']);
      },
    );

    test(
      "corked messages to a peer that does not read are queued; all arrive, and 'drain' follows, when it reads",
      options,
      async (t) => {
        const [a, b] = pausedPair(t, type);
        for (const round of range(20)) {
          a.cork();
          for (const i of range(100)) post(a, numbered(round * 100 + i));
          a.uncork();
        }
        assert.ok(a.writableNeedDrain);
        const drain = once(a, 'drain');
        const got = numbers(b, 2000);
        b.resume();
        assert.deepStrictEqual(await got, range(2000));
        await drain;
      },
    );

    test('close() of a corked socket: each callback gets ERR_SOCKET_CLOSED', options, async (t) => {
      const [a] = pair(t, type);
      a.cork();
      const done = Promise.allSettled(range(3).map((i) => sent(a, numbered(i))));
      a.close();
      for (const { reason } of await done) assert.strictEqual(reason?.code, 'ERR_SOCKET_CLOSED');
    });
  });
}

test(
  'corked datagrams to several destinations arrive; those to a missing destination fail with ENOENT',
  options,
  async (t) => {
    const socket = dgram(t);
    const peers = range(3).map(() => dgram(t, sockPath(t)));
    const missing = sockPath(t);
    socket.cork();
    const lost = [];
    for (const i of range(30)) {
      for (const peer of peers) socket.send(numbered(i), peer.address());
      lost.push(assert.rejects(sent(socket, 'x', missing), { code: 'ENOENT', path: missing }));
    }
    socket.uncork();
    await Promise.all(lost);
    for (const peer of peers) assert.deepStrictEqual(await numbers(peer, 30), range(30));
  },
);

/** A Uint8Array with an accessor of its own that runs `act` when it is first read. */
function withAccessor(text, name, act) {
  const view = Uint8Array.from(Buffer.from(text));
  const value = view[name];
  Object.defineProperty(view, name, {
    get() {
      act();
      act = () => {};
      return value;
    },
  });
  return view;
}

/** Calls that send the last 5 of 6 bytes to `b`. */
const slices = {
  'seqpacket write(buf, offset, length)': ['seqpacket', (a, _b, view, cb) => a.write(view, 1, 5, cb)],
  'dgram sendTo(buf, offset, length)': ['dgram', (a, b, view, cb) => a.sendTo(view, 1, 5, b.address(), cb)],
};

for (const [call, [type, send]] of Object.entries(slices)) {
  for (const accessor of ['buffer', 'byteLength', 'byteOffset']) {
    test(`${call}: the ${accessor} of the view uncorks: the message is sent, in order`, options, async (t) => {
      const [a, b] = type === 'dgram' ? [dgram(t), dgram(t, sockPath(t))] : pair(t, type);
      const to = type === 'dgram' ? [b.address()] : [];
      const got = texts(b, 3);
      a.cork();
      const view = withAccessor('Xfirst', accessor, () => a.uncork());
      const called = new Promise((resolve) => send(a, b, view, resolve));
      post(a, 'second', ...to);
      assert.strictEqual(await called, null);
      post(a, 'third', ...to);
      assert.deepStrictEqual(await got, ['first', 'second', 'third']);
      assert.strictEqual(a.writableLength, 0);
    });
  }
}
