'use strict';
// A listener that runs the event loop, as deasync does.

const test = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { deadline, once, tmp } = require('../helpers');
const { closed, numberOf, numbered, pair, post, range, turns } = require('../helpers/sockets');

const options = { timeout: deadline };
/** The addon that runs the event loop, compiled once. */
let addon;

function spin(t) {
  if (addon === undefined) {
    const file = path.join(tmp(t), 'loop.node');
    const shared =
      process.platform === 'darwin' ? ['-dynamiclib', '-undefined', 'dynamic_lookup'] : ['-shared', '-fPIC'];
    execFileSync('cc', [...shared, '-o', file, path.join(__dirname, '..', 'fixtures', 'nested-loop.c')]);
    addon = require(file);
  }
  addon();
}

/** Runs the event loop until `done()` returns true, 100 times at most. */
function spinUntil(t, done) {
  for (let count = 0; !done() && count < 100; count++) spin(t);
}

for (const type of ['seqpacket', 'dgram']) {
  for (const what of ['pause', 'no pause']) {
    test(`${type}, with ${what}: each message arrives once, in order`, options, async (t) => {
      const [a, b] = pair(t, type);
      const got = [];
      let next = 0;
      const more = () => post(a, numbered(next++, 8));
      await new Promise((resolve) => {
        b.on('data', (data) => {
          got.push(numberOf(data));
          if (got.length === 120) resolve();
          if (next < 120) more();
          spin(t);
          if (what === 'pause') {
            b.pause();
            spin(t);
            b.resume();
          }
          spin(t);
        });
        for (const _ of range(60)) more();
      });
      assert.deepStrictEqual(got, range(120));
    });
  }

  test(
    `${type}: a listener that runs the event loop gets the messages of a socket that was resumed together with its own`,
    options,
    async (t) => {
      const pairs = [pair(t, type), pair(t, type)];
      const got = [[], []];
      for (const [i, [a, b]] of pairs.entries()) {
        b.once('data', () => b.pause());
        for (const _ of range(2)) post(a, 'x'); // They are received together, and the second one is refused.
        await once(b, 'data');
        b.on('data', () => got[i].push('x'));
      }
      await turns();
      const [[, first], [, second]] = pairs;
      const seen = await new Promise((resolve) => {
        first.once('data', () => {
          spinUntil(t, () => got[1].length > 0);
          resolve(got[1].length);
        });
        first.resume();
        second.resume();
      });
      assert.strictEqual(seen, 1);
    },
  );

  test(`${type}: close() while the listener runs the event loop: no other message is delivered`, options, async (t) => {
    const [a, b] = pair(t, type);
    let seen = 0;
    b.on('data', () => {
      seen++;
      setImmediate(() => b.close());
      for (const _ of range(5)) spin(t);
    });
    for (const _ of range(20)) post(a, 'x');
    await closed(b);
    assert.strictEqual(seen, 1);
  });

  test(
    `${type}: a socket that the listener makes gets its messages while the listener runs the event loop`,
    options,
    async (t) => {
      const [a, b] = pair(t, type);
      const got = await new Promise((resolve) => {
        b.once('data', () => {
          const [c, d] = pair(t, type);
          let inner;
          d.on('data', (data) => {
            inner = String(data);
          });
          post(c, 'inner');
          spinUntil(t, () => inner !== undefined);
          resolve(inner);
        });
        post(a, 'outer');
      });
      assert.strictEqual(got, 'inner');
    },
  );
}

test("seqpacket: the callback of end() runs the event loop until 'close'", options, async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  let isClosed = false;
  b.on('close', () => {
    isClosed = true;
  });
  const seen = await new Promise((resolve) => {
    b.on('data', () => {});
    b.on('end', () =>
      b.end(() => {
        spinUntil(t, () => isClosed);
        resolve(isClosed);
      }),
    );
    a.end();
  });
  assert.strictEqual(seen, true);
});

test("seqpacket: a listener of 'end' that runs the event loop can still write", options, async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  const received = once(a, 'data');
  b.on('data', () => {});
  b.on('end', () => {
    for (const _ of range(5)) spin(t);
    post(b, 'answer');
  });
  a.end();
  const [answer] = await received;
  assert.strictEqual(String(answer), 'answer');
});

test(
  'seqpacket: a listener whose write fails and that runs the event loop gets the other messages first',
  options,
  async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    const sent = range(10);
    for (const number of sent) post(a, numbered(number, 8));
    a.destroy();
    await closed(a);
    const got = [];
    b.on('data', (data) => {
      got.push(numberOf(data));
      if (got.length !== 4) return;
      b.write('reply');
      for (const _ of range(5)) spin(t);
    });
    const [err] = await once(b, 'error');
    assert.strictEqual(err.code, 'EPIPE');
    assert.deepStrictEqual(got, sent);
  },
);
