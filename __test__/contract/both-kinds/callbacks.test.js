'use strict';
// Callbacks of messages: when they run, in which order, and with which error.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, sockPath } = require('../../helpers');
const {
  dgram,
  fill,
  numbered,
  numbers,
  pair,
  pausedPair,
  post,
  range,
  sent,
  texts,
  turns,
} = require('../../helpers/sockets');

const options = { timeout: deadline };

for (const type of ['seqpacket', 'dgram']) {
  describe(type, () => {
    test('each callback runs once, after its call has returned, in the order of the calls', options, async (t) => {
      const [a, b] = pausedPair(t, type, { maxQueuedBytes: 420000 });
      const order = [];
      const expected = [];
      const size = Math.max(a.getSendBufferSize() * 2, 430000); // too large for the kernel and for the queue
      let calling = false;
      for (const i of range(400)) {
        const message = i % 50 === 49 ? Buffer.alloc(size) : numbered(i); // the kernel refuses every 50th
        expected.push(i);
        calling = true;
        post(a, message, (err) => {
          assert.strictEqual(calling, false);
          assert.strictEqual(Boolean(err), message.length === size, String(err));
          if (err) assert.ok(['EMSGSIZE', 'ENOBUFS'].includes(err.code), err.code);
          order.push(i);
        });
        calling = false;
      }
      const got = numbers(b, 392);
      b.resume();
      assert.deepStrictEqual(
        await got,
        range(400).filter((i) => i % 50 !== 49),
      );
      await sent(a, 'last');
      assert.deepStrictEqual(order, expected);
    });

    test('a message that is too long fails with EMSGSIZE; the others arrive', options, async (t) => {
      const [a, b] = pair(t, type);
      const large = Buffer.alloc(a.getSendBufferSize() * 2);
      const results = await Promise.allSettled([sent(a, '1'), sent(a, large), sent(a, '2'), sent(a, [large, 'x'])]);
      assert.deepStrictEqual(
        results.map(({ reason }) => reason?.code),
        [undefined, 'EMSGSIZE', undefined, 'EMSGSIZE'],
      );
      assert.match(results[1].reason.message, /^send\w* EMSGSIZE: /);
      assert.ok(results[1].reason.errno < 0);
      assert.deepStrictEqual(await texts(b, 2), ['1', '2']);
      await sent(b, 'alive');
      assert.deepStrictEqual(await texts(a, 1), ['alive']);
    });

    test('close() with queued messages: each callback gets ERR_SOCKET_CLOSED, in order', options, async (t) => {
      const [a] = pausedPair(t, type);
      fill(a);
      const order = [];
      const done = range(100).map((i) => sent(a, numbered(i)).catch((err) => order.push([i, err.code])));
      const close = once(a, 'close');
      a.close();
      await Promise.all(done);
      assert.deepStrictEqual(
        order,
        range(100).map((i) => [i, 'ERR_SOCKET_CLOSED']),
      );
      await close;
    });
  });
}

/** Callbacks whose `length` is 0 or unusable, each of which passes its first argument to `got`. */
const callbacks = (got) => ({
  'no parameter': () => got('unknown'),
  'rest parameters': (...args) => got(args[0]),
  'a default value': (err = 'none') => got(err),
  'bound function': ((_first, err) => got(err)).bind(undefined, 1),
  'length throws': Object.defineProperty((err) => got(err), 'length', {
    get() {
      throw new Error('length');
    },
  }),
});

/** Makes a message succeed, fail at once, fail later, be refused, or be dropped by close(). */
const fates = {
  sent: { code: null },
  'too long': { code: 'EMSGSIZE', message: Buffer.alloc(1 << 20) },
  'too long, after one that waits': { code: 'EMSGSIZE', message: Buffer.alloc(1 << 20), fills: true },
  refused: { code: 'ENOBUFS', message: Buffer.alloc(100000), fills: true },
  'dropped by close()': { code: 'ERR_SOCKET_CLOSED', fills: true, act: (a) => a.close() },
  'dropped by close() of a corked socket': { code: 'ERR_SOCKET_CLOSED', corks: true, act: (a) => a.close() },
};

for (const type of ['seqpacket', 'dgram']) {
  for (const [fate, { code, message = 'x', fills, corks, act = () => {} }] of Object.entries(fates)) {
    test(`${type}: every callback of a message that is ${fate} runs once, whatever its length`, options, async (t) => {
      const [a, b] = pausedPair(t, type, { maxQueuedBytes: fate === 'refused' ? 50000 : Infinity });
      a.on('error', () => assert.fail("'error'"));
      if (fills) fill(a);
      if (corks) a.cork();
      const order = [];
      const expected = [];
      for (const [name] of Object.entries(callbacks())) {
        post(a, message, callbacks((err) => order.push([name, err?.code || err]))[name]);
        expected.push([name, name === 'no parameter' ? 'unknown' : code]);
      }
      assert.deepStrictEqual(order, []);
      act(a);
      assert.deepStrictEqual(order, []);
      b.on('data', () => {}).resume();
      if (!a.closed) await sent(a, 'last');
      await turns();
      // A default value replaces undefined only, and the error is null or an Error.
      assert.deepStrictEqual(order, expected);
    });
  }
}

test('dgram: a callback without parameters runs if the destination does not exist', options, async (t) => {
  const socket = dgram(t);
  socket.on('error', () => assert.fail("'error'"));
  await new Promise((resolve) => socket.send('x', sockPath(t), () => resolve()));
  await new Promise((resolve) => socket.sendTo(Buffer.from('x'), 0, 1, sockPath(t), () => resolve()));
  await turns();
});
