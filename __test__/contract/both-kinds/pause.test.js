'use strict';
// pause(), resume() and the option `paused`.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, collect } = require('../../helpers');
const { numberOf, numbered, pair, pausedPair, post, range, sent, turns } = require('../../helpers/sockets');

const options = { timeout: deadline };

for (const type of ['seqpacket', 'dgram']) {
  describe(type, () => {
    test('pause() in the middle of a received batch: resume() continues with the next message', options, async (t) => {
      const [a, b] = pausedPair(t, type);
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

    test('pause() and resume() return the socket; repeated calls have no effect', options, async (t) => {
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

    test('a socket with the option paused: true delivers nothing before resume()', options, async (t) => {
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
  });
}
