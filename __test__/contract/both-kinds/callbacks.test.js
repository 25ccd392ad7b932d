'use strict';
// Callbacks of messages: when they run, in which order, and with which error.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, sockPath } = require('../../helpers');
const { dgram, fill, numbered, numbers, pair, pausedPair, post, range, sent, texts } = require('../../helpers/sockets');

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

test('seqpacket: a callback without parameters runs only on success', options, async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  a.on('error', () => {});
  const called = [];
  a.write(Buffer.from('x'), 0, 1, () => called.push('good'));
  a.write(Buffer.alloc(a.getSendBufferSize() * 2), () => called.push('too large'));
  await sent(a, 'y');
  assert.deepStrictEqual(await texts(b, 2), ['x', 'y']);
  assert.deepStrictEqual(called, ['good']);
});

test('dgram: a callback without parameters runs on failure, too', options, async (t) => {
  const socket = dgram(t);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.send('x', sockPath(t), () => resolve()));
});
