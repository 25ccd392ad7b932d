'use strict';
// A message that no listener takes is kept. A tick of the emit() that found no listener may start reading again.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline } = require('../../helpers');
const { lib } = require('../../helpers/lib');
const { closing, pair, post, range, turns } = require('../../helpers/sockets');

const options = { timeout: deadline };

/** Ways to run code soon, in the order of Node.js. */
const soon = {
  'a nextTick callback': (fn) => process.nextTick(fn),
  'a microtask': (fn) => Promise.resolve().then(fn),
  'a tick of a tick': (fn) => process.nextTick(() => queueMicrotask(() => process.nextTick(fn))),
};

/** Calls `fn` in an emit() of 'data' that finds no listener, before emit() returns. */
function onRefusal(socket, fn) {
  const { emit } = socket;
  socket.emit = function (type, ...args) {
    if (type === 'data' && this.listenerCount('data') === 0) fn();
    return emit.call(this, type, ...args);
  };
}

/** Sockets with n messages that wait; after the first one nothing listens. Resolves `got` when all have arrived. */
async function withoutListener(t, type, n) {
  const [a, b] = pair(t, type, { paused: true });
  for (const i of range(n)) post(a, String(i));
  const got = [];
  const all = new Promise((resolve) => {
    b.onMessage = (data) => {
      if (got.push(String(data)) === n) resolve();
    };
  });
  b.once('data', b.onMessage);
  b.resume();
  return { a, b, got, all };
}

for (const type of ['seqpacket', 'dgram']) {
  describe(type, () => {
    for (const [what, later] of Object.entries(soon)) {
      for (const n of [2, 9]) {
        test(`${what} of the refusal adds a listener: it gets the message (${n} messages)`, options, async (t) => {
          const { b, got, all } = await withoutListener(t, type, n);
          onRefusal(b, () => later(() => b.listenerCount('data') === 0 && b.on('data', b.onMessage)));
          await all;
          assert.deepStrictEqual(got, range(n).map(String));
        });
      }

      test(`${what} of the message during which pause() was called resumes`, options, async (t) => {
        const [a, b] = pair(t, type, { paused: true });
        for (const i of range(9)) post(a, String(i));
        const got = [];
        await new Promise((resolve) => {
          b.on('data', (data) => {
            b.pause();
            later(() => b.resume());
            if (got.push(String(data)) === 9) resolve();
          });
          b.resume();
        });
        assert.deepStrictEqual(got, range(9).map(String));
      });
    }

    test('a tick of the refusal adds and removes a listener: the message is kept', options, async (t) => {
      const { b, got, all } = await withoutListener(t, type, 5);
      onRefusal(b, () => process.nextTick(() => b.on('data', b.onMessage).removeListener('data', b.onMessage)));
      await turns();
      assert.deepStrictEqual(got, ['0']);
      b.on('data', b.onMessage);
      await all;
      assert.deepStrictEqual(got, range(5).map(String));
    });

    test('a tick of the refusal closes the socket: nothing more is delivered', options, async (t) => {
      const { b, got } = await withoutListener(t, type, 5);
      onRefusal(b, () =>
        process.nextTick(() => {
          b.on('data', b.onMessage);
          b.close();
        }),
      );
      await new Promise((resolve) => b.on('close', resolve));
      assert.deepStrictEqual(got, ['0']);
    });
  });
}

test('seqpacket: a tick of the refusal adds a listener: the end comes after all messages', options, async (t) => {
  const { a, b, got, all } = await withoutListener(t, 'seqpacket', 5);
  onRefusal(b, () => process.nextTick(() => b.listenerCount('data') === 0 && b.on('data', b.onMessage)));
  const ended = new Promise((resolve) => b.on('end', resolve));
  a.end();
  await Promise.all([all, ended]);
  assert.deepStrictEqual(got, range(5).map(String));
});

test(
  "a subclass whose emit() adds a listener in a tick, as tracing tools do, gets every 'data'",
  options,
  async (t) => {
    const got = [];
    class Late extends lib.DgramSocket {
      emit(type, ...args) {
        if (type === 'data' && this.listenerCount('data') === 0) {
          process.nextTick(() => this.once('data', (data) => got.push(String(data))));
        }
        return super.emit(type, ...args);
      }
    }
    const socket = closing(t, new Late());
    socket.bind();
    socket.once('data', (data) => got.push(String(data)));
    const sender = closing(t, new lib.DgramSocket());
    for (const i of range(5)) sender.send(String(i), socket.address());
    while (got.length < 5) await turns(1);
    assert.deepStrictEqual(got, range(5).map(String));
  },
);
