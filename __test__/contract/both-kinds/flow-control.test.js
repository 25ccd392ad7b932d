'use strict';
// Backpressure and accounting: booleans, 'drain', lengths, bounds, cork, pause, counters and the order of callbacks.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, collect, sockPath } = require('../../helpers');
const {
  dgram,
  fill,
  messages,
  numberOf,
  numbered,
  pair,
  post,
  range,
  sent,
  texts,
  turns,
} = require('../../helpers/sockets');

const options = { timeout: deadline };
const numbers = async (socket, n) => (await messages(socket, n)).map(({ data }) => numberOf(data));

for (const type of ['seqpacket', 'dgram']) {
  /** `b` does not read until resumed, `a` writes to it. */
  const stuck = (t, limits) => {
    const [a, b] = pair(t, type, limits);
    b.pause();
    return [a, b];
  };

  describe(type, () => {
    test('writableHighWaterMark: 65,536 unless told', options, (t) => {
      assert.strictEqual(pair(t, type)[0].writableHighWaterMark, 65536);
      assert.strictEqual(pair(t, type, { writableHighWaterMark: 5000 })[0].writableHighWaterMark, 5000);
    });

    test('true below the mark, false at it, and one drain once there is room', options, async (t) => {
      const [a, b] = stuck(t, { writableHighWaterMark: 3000 });
      assert.strictEqual(post(a, 'x'), true);
      assert.strictEqual(a.writableLength, 0);
      const before = fill(a);
      assert.strictEqual(a.writableLength, 1000);
      assert.strictEqual(a.writableNeedDrain, false);
      assert.strictEqual(post(a, numbered(before)), true);
      assert.strictEqual(a.writableLength, 2000);
      assert.strictEqual(post(a, numbered(before + 1)), false);
      assert.strictEqual(a.writableLength, 3000);
      assert.strictEqual(a.writableNeedDrain, true);
      assert.strictEqual(post(a, numbered(before + 2)), false);

      let drains = 0;
      a.on('drain', () => {
        drains++;
        assert.strictEqual(a.writableNeedDrain, false);
        assert.ok(a.writableLength < 3000);
      });
      await turns();
      assert.strictEqual(drains, 0);
      const got = texts(b, 1).then(() => numbers(b, before + 3));
      b.resume();
      assert.deepStrictEqual(await got, range(before + 3));
      await turns();
      assert.strictEqual(drains, 1);
      assert.strictEqual(a.writableLength, 0);
    });

    test('writableLength counts the bytes of gathered and empty messages', options, async (t) => {
      const [a, b] = stuck(t);
      const count = fill(a) + 3;
      post(a, ['abc', Buffer.alloc(7)]);
      post(a, '');
      post(a, 'é');
      assert.strictEqual(a.writableLength, 1012);
      b.resume();
      const lengths = (await messages(b, count)).slice(-3).map(({ data }) => data.length);
      assert.deepStrictEqual(lengths, [10, 0, 2]);
    });

    test('maxQueuedBytes: beyond it ENOBUFS, counted, the rest unharmed', options, async (t) => {
      const [a, b] = stuck(t, { maxQueuedBytes: 5000 });
      const before = fill(a);
      const refused = [];
      const accepted = [];
      for (let i = before; i < before + 50; i++) {
        post(a, numbered(i), (err) => (err ? refused : accepted).push(err ? err.code : i));
        assert.ok(a.writableLength <= 5000);
      }
      assert.strictEqual(a.writableLength, 5000);
      assert.strictEqual(a.droppedMessages, 46);
      const room = post(a, Buffer.alloc(0), () => {}); // no bytes: no bound to exceed
      assert.strictEqual(typeof room, 'boolean');
      const got = messages(b, before + 5);
      b.resume();
      assert.deepStrictEqual(
        (await got).slice(0, -1).map(({ data }) => numberOf(data)),
        range(before + 4),
      );
      await sent(a, 'more');
      assert.deepStrictEqual(
        accepted,
        range(4).map((i) => before + i),
      );
      assert.deepStrictEqual(refused, Array(46).fill('ENOBUFS'));
      assert.strictEqual(a.droppedMessages, 46);
      assert.deepStrictEqual(await texts(b, 1), ['more']);
    });

    test('callbacks: never before the call returns, each once, in the order of the calls', options, async (t) => {
      const [a, b] = stuck(t, { maxQueuedBytes: 420000 });
      const order = [];
      const expected = [];
      const size = Math.max(a.getSendBufferSize() * 2, 430000); // fits neither the kernel nor the queue
      let calling = false;
      for (const i of range(400)) {
        const message = i % 50 === 49 ? Buffer.alloc(size) : numbered(i); // now and then one the kernel refuses
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

    test('EMSGSIZE is the affair of that message only', options, async (t) => {
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

    test('closed while messages wait: each callback is called, in order', options, async (t) => {
      const [a] = stuck(t);
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

    test('cork() collects, uncork() sends all in order', options, async (t) => {
      const [a, b] = pair(t, type);
      a.cork();
      const done = range(50).map((i) => sent(a, numbered(i)));
      assert.strictEqual(a.writableLength, 50000);
      assert.strictEqual(post(a, Buffer.alloc(20000)), false);
      a.uncork();
      assert.deepStrictEqual(await numbers(b, 50), range(50));
      await Promise.all(done);
    });

    test('uncork() runs by itself at the end of the tick', options, async (t) => {
      const [a, b] = pair(t, type);
      a.cork();
      const done = range(20).map((i) => sent(a, numbered(i)));
      assert.deepStrictEqual(await numbers(b, 20), range(20));
      await Promise.all(done);
      assert.strictEqual(a.writableLength, 0);
      a.uncork(); // long done: harmless
      await sent(a, 'x');
      assert.deepStrictEqual(await texts(b, 1), ['x']);
    });

    test(
      'corked: copies are taken, order with uncorked writes is kept, one bad message fails alone',
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

    test('corked to a peer that does not read: waits, drains, loses nothing', options, async (t) => {
      const [a, b] = stuck(t);
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
    });

    test('closed while corked', options, async (t) => {
      const [a] = pair(t, type);
      a.cork();
      const done = Promise.allSettled(range(3).map((i) => sent(a, numbered(i))));
      a.close();
      for (const { reason } of await done) assert.strictEqual(reason?.code, 'ERR_SOCKET_CLOSED');
    });

    test('pause() in the middle of a received batch, resume() goes on from there', options, async (t) => {
      const [a, b] = stuck(t);
      for (const i of range(100)) post(a, numbered(i, 8));
      const got = [];
      b.on('data', (data) => {
        got.push(numberOf(data));
        if (got.length % 7 === 0) b.pause();
      });
      b.resume();
      for (let length = 7; got.length < 100; length = Math.min(length + 7, 100)) {
        await turns();
        assert.strictEqual(got.length, length);
        assert.strictEqual(b.isPaused(), length % 7 === 0);
        b.resume();
      }
      assert.deepStrictEqual(got, range(100));
    });

    test('pause() and resume() return the socket, and change nothing when repeated', options, async (t) => {
      const [a, b] = pair(t, type);
      assert.strictEqual(b.isPaused(), false);
      assert.strictEqual(b.pause(), b);
      assert.strictEqual(b.pause().isPaused(), true);
      assert.strictEqual(b.resume(), b);
      assert.strictEqual(b.resume().isPaused(), false);
      const got = collect(b, 'data', 3);
      for (const text of ['1', '2', '3']) {
        b.pause().resume().pause();
        await sent(a, text);
        b.resume();
      }
      assert.deepStrictEqual(
        (await got).map(([data]) => data.toString()),
        ['1', '2', '3'],
      );
    });

    test('paused: true starts paused', options, async (t) => {
      const [a, b] = pair(t, type, { paused: true });
      assert.strictEqual(b.isPaused(), true);
      const got = [];
      b.on('data', (data) => got.push(data.toString()));
      await sent(a, 'x');
      await turns();
      assert.deepStrictEqual(got, []);
      const data = once(b, 'data');
      b.resume();
      assert.strictEqual((await data)[0].toString(), 'x');
    });

    test('bytesRead and bytesWritten', options, async (t) => {
      const [a, b] = pair(t, type);
      const counts = () => [a.bytesRead, a.bytesWritten, b.bytesRead, b.bytesWritten];
      assert.deepStrictEqual(counts(), [0, 0, 0, 0]);
      await Promise.all([sent(a, 'é'), sent(a, ''), sent(a, ['abc', Buffer.alloc(10)]), sent(b, 'y')]);
      await Promise.all([messages(b, 3), messages(a, 1)]);
      assert.deepStrictEqual(counts(), [1, 15, 15, 1]);
      await assert.rejects(sent(a, Buffer.alloc(a.getSendBufferSize() * 2)));
      assert.deepStrictEqual(counts(), [1, 15, 15, 1]);
      const close = [once(a, 'close'), once(b, 'close')];
      for (const socket of [a, b]) socket.close();
      await Promise.all(close);
      assert.deepStrictEqual(counts(), [1, 15, 15, 1]);
    });

    test('a write from within drain, and one after another', options, async (t) => {
      const [a, b] = stuck(t, { writableHighWaterMark: 10000 });
      let next = 0;
      const total = 2000;
      const write = () => {
        while (next < total && post(a, numbered(next++)));
      };
      a.on('drain', write);
      write();
      const got = numbers(b, total);
      b.resume();
      assert.deepStrictEqual(await got, range(total));

      const chained = texts(b, 300);
      for (let i = 0; i < 300; i++) await sent(a, String(i));
      assert.deepStrictEqual(await chained, range(300).map(String));
    });

    test('buffer sizes of the kernel', options, (t) => {
      const [a] = pair(t, type);
      for (const name of ['RecvBufferSize', 'SendBufferSize']) {
        const before = a[`get${name}`]();
        assert.ok(before > 1000);
        a[`set${name}`](before * 2);
        assert.ok(a[`get${name}`]() >= before * 2); // Linux reports twice what was asked
        for (const bad of [-1, 1.5, NaN, 2 ** 32 + 3]) {
          assert.throws(() => a[`set${name}`](bad), { code: 'ERR_OUT_OF_RANGE' }, String(bad));
        }
        for (const bad of ['1', null, undefined, {}]) {
          assert.throws(() => a[`set${name}`](bad), { code: 'ERR_INVALID_ARG_TYPE' });
        }
      }
    });
  });
}

test('seqpacket: a callback without a parameter is called on success only', options, async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  a.on('error', () => {});
  const called = [];
  a.write(Buffer.from('x'), 0, 1, () => called.push('good'));
  a.write(Buffer.alloc(a.getSendBufferSize() * 2), () => called.push('too large'));
  await sent(a, 'y');
  assert.deepStrictEqual(await texts(b, 2), ['x', 'y']);
  assert.deepStrictEqual(called, ['good']);
});

test('dgram: a callback without a parameter is called whatever happens', options, async (t) => {
  const socket = dgram(t);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.send('x', sockPath(t), () => resolve()));
});

test('corked datagrams to several destinations, one of them missing', options, async (t) => {
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
});
