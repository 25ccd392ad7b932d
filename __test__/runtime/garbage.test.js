'use strict';
// Garbage collection of sockets and Buffers. GARBAGE_CYCLES, or `npm run test:garbage`, sets the number of sockets that
// are opened and closed.

const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { once } = require('node:events');
const { deadline } = require('../helpers');
const { lib } = require('../helpers/lib');
const { start } = require('../helpers/processes');
const { closing, messages } = require('../helpers/sockets');

const cycles = Number(process.env.GARBAGE_CYCLES) || 5000;

/** The young generation has a fixed size, so that growth is a leak: 14 MiB for 100,000 and for 200,000 sockets. */
async function gcChild(t, file, ...args) {
  const child = start(t, process.execPath, [
    '--expose-gc',
    '--max-semi-space-size=1',
    path.join(__dirname, '..', 'fixtures', 'garbage', file),
    ...args.map(String),
  ]);
  const { code, signal, stdout, stderr } = await child.done;
  assert.deepStrictEqual([code, signal], [0, null], stderr);
  t.diagnostic(stdout.trim());
  return JSON.parse(stdout);
}

test(`${cycles} sockets opened and closed leave no descriptors and no memory`, { timeout: 600000 }, async (t) => {
  const { leaked, grownMiB } = await gcChild(t, 'cycles.js', cycles);
  assert.ok(leaked <= 0, `${leaked} descriptors`);
  assert.ok(grownMiB < 25, `${grownMiB} MiB`);
});

test('unused and closed sockets are collected; sockets with listeners or pending callbacks are not', {
  timeout: deadline,
}, async (t) => {
  const result = await gcChild(t, 'dropped.js');
  assert.deepStrictEqual(result, { unusedCollected: 2, closedCollected: 4, lived: '01234', callbacks: 10, leaked: 0 });
});

/** Sends messages of these sizes. Resolves to the received Buffers. */
async function received(t, sizes) {
  const [a, b] = lib.createSocketPair('seqpacket').map((socket) => closing(t, socket));
  const got = messages(b, sizes.length);
  sizes.forEach((size, i) => {
    a.write(Buffer.alloc(size, i));
  });
  return (await got).map(({ data }) => data);
}

test('a received Buffer keeps at most four times its length, or 8 KiB, in memory', { timeout: deadline }, async (t) => {
  const few = [1, 2, 7, 64, 1000, 2047, 2048, 2049, 3000, 4096, 2049, 8191, 20000, 100000];
  const sizes = [...few, ...new Array(6).fill(4096), ...new Array(6).fill(8192)];
  for (const data of await received(t, sizes)) {
    const held = data.buffer.byteLength;
    assert.ok(held <= Math.max(4 * data.length, 8192), `${data.length} bytes hold ${held}`);
  }
});

test('received Buffers do not overlap', { timeout: deadline }, async (t) => {
  const got = await received(
    t,
    Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? 100 : 3000)),
  );
  got[10].fill(0xff);
  got.forEach((data, i) => {
    assert.ok(data.every((byte) => byte === (i === 10 ? 0xff : i)));
  });
});

for (const size of [100, 3000]) {
  test(
    `transferring the ArrayBuffer of a message of ${size} bytes does not affect other messages`,
    { timeout: deadline },
    (t) => transfer(t, size),
  );
}

async function transfer(t, size) {
  const [first, second] = await received(t, [size, size]);
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  const answer = new Promise((resolve) => {
    port2.onmessage = ({ data }) => resolve(data);
  });
  try {
    port1.postMessage(first, [first.buffer]);
    await answer;
  } catch (err) {
    assert.strictEqual(err.name, 'DataCloneError'); // the ArrayBuffer cannot be transferred
  }
  assert.ok(second.every((byte) => byte === 1) && second.length === size);
  const [later] = await received(t, [size]);
  assert.strictEqual(later.length, size);
}

test('messages still arrive afterwards', { timeout: deadline }, async (t) => {
  const [a, b] = lib.createSocketPair('dgram').map((socket) => closing(t, socket));
  const got = once(b, 'data');
  a.send('x');
  assert.strictEqual(String((await got)[0]), 'x');
});
