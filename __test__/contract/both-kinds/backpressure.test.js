'use strict';
// Backpressure: return values, 'drain', writableLength, maxQueuedBytes, byte counters and kernel buffer sizes.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline, once } = require('../../helpers');
const {
  fill,
  messages,
  numberOf,
  numbered,
  numbers,
  pair,
  pausedPair,
  post,
  queued,
  range,
  sent,
  texts,
  turns,
} = require('../../helpers/sockets');

const options = { timeout: deadline };

for (const type of ['seqpacket', 'dgram']) {
  describe(type, () => {
    test('writableHighWaterMark is 65,536 by default', options, (t) => {
      assert.strictEqual(pair(t, type)[0].writableHighWaterMark, 65536);
      assert.strictEqual(pair(t, type, { writableHighWaterMark: 5000 })[0].writableHighWaterMark, 5000);
    });

    test(
      "send and write return true below the high-water mark and false at it; one 'drain' follows when there is room",
      options,
      async (t) => {
        const [a, b] = pausedPair(t, type, { writableHighWaterMark: queued(3, 1000) });
        assert.strictEqual(post(a, 'x'), true);
        assert.strictEqual(a.writableLength, 0);
        const before = fill(a);
        assert.strictEqual(a.writableLength, queued(1, 1000));
        assert.strictEqual(a.writableNeedDrain, false);
        assert.strictEqual(post(a, numbered(before)), true);
        assert.strictEqual(a.writableLength, queued(2, 1000));
        assert.strictEqual(post(a, numbered(before + 1)), false);
        assert.strictEqual(a.writableLength, queued(3, 1000));
        assert.strictEqual(a.writableNeedDrain, true);
        assert.strictEqual(post(a, numbered(before + 2)), false);

        let drains = 0;
        a.on('drain', () => {
          drains++;
          assert.strictEqual(a.writableNeedDrain, false);
          assert.ok(a.writableLength < queued(3, 1000));
        });
        await turns();
        assert.strictEqual(drains, 0);
        const got = texts(b, 1).then(() => numbers(b, before + 3));
        b.resume();
        assert.deepStrictEqual(await got, range(before + 3));
        await turns();
        assert.strictEqual(drains, 1);
        assert.strictEqual(a.writableLength, 0);
      },
    );

    test(
      'writableLength counts 128 bytes and its own for each message: in several parts, empty, not ASCII',
      options,
      async (t) => {
        const [a, b] = pausedPair(t, type);
        const count = fill(a) + 3;
        post(a, ['abc', Buffer.alloc(7)]);
        post(a, '');
        post(a, 'é');
        assert.strictEqual(a.writableLength, queued(1, 1000) + queued(1, 10) + queued(1, 0) + queued(1, 2));
        b.resume();
        const lengths = (await messages(b, count)).slice(-3).map(({ data }) => data.length);
        assert.deepStrictEqual(lengths, [10, 0, 2]);
      },
    );

    test(
      'a message beyond maxQueuedBytes fails with ENOBUFS and is counted in droppedMessages; all others arrive',
      options,
      async (t) => {
        const [a, b] = pausedPair(t, type, { maxQueuedBytes: queued(5, 1000) });
        const before = fill(a);
        const refused = [];
        const accepted = [];
        for (let i = before; i < before + 50; i++) {
          post(a, numbered(i), (err) => (err ? refused : accepted).push(err ? err.code : i));
          assert.ok(a.writableLength <= queued(5, 1000));
        }
        assert.strictEqual(a.writableLength, queued(5, 1000));
        assert.strictEqual(a.droppedMessages, 46);
        const empty = assert.rejects(sent(a, Buffer.alloc(0)), { code: 'ENOBUFS' }); // it exceeds the limit, too
        const got = messages(b, before + 4);
        b.resume();
        assert.deepStrictEqual(
          (await got).map(({ data }) => numberOf(data)),
          range(before + 4),
        );
        await empty;
        await sent(a, 'more');
        assert.deepStrictEqual(
          accepted,
          range(4).map((i) => before + i),
        );
        assert.deepStrictEqual(refused, Array(46).fill('ENOBUFS'));
        assert.strictEqual(a.droppedMessages, 47);
        assert.deepStrictEqual(await texts(b, 1), ['more']);
      },
    );

    test("messages sent in 'drain' listeners, and messages sent one at a time, arrive in order", options, async (t) => {
      const [a, b] = pausedPair(t, type, { writableHighWaterMark: 10000 });
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

    test(
      'bytesRead and bytesWritten count delivered messages, also after close; a failed message adds nothing',
      options,
      async (t) => {
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
      },
    );

    test('the setters of kernel buffer sizes take effect and refuse invalid values', options, (t) => {
      const [a] = pair(t, type);
      for (const name of ['RecvBufferSize', 'SendBufferSize']) {
        const before = a[`get${name}`]();
        assert.ok(before > 1000);
        a[`set${name}`](before * 2);
        assert.ok(a[`get${name}`]() >= before * 2); // Linux reports twice the requested size
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
