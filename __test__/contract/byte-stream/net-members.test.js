'use strict';
// The members of net.Socket that a byte stream has, because http, http2, tls and ws use them.

const { test } = require('node:test');
const assert = require('node:assert');
const { client, closed, pair, serve } = require('../../helpers/sockets');
const { deadline, once, runChild } = require('../../helpers');
const { streamPair } = require('../../helpers/streams');

const options = { timeout: deadline };

test('setNoDelay(), setKeepAlive(), setTimeout(), ref() and unref() return the stream', options, (t) => {
  const [a] = streamPair(t);
  for (const returned of [a.setNoDelay(true), a.setKeepAlive(true, 1000), a.setTimeout(0), a.unref(), a.ref()]) {
    assert.strictEqual(returned, a);
  }
});

test('addresses are undefined, as those of a net.Socket over a unix socket', options, (t) => {
  const [a] = streamPair(t);
  for (const name of ['remoteAddress', 'remotePort', 'localAddress', 'localPort'])
    assert.strictEqual(a[name], undefined);
});

test("connecting is true until 'connect', and what is written before arrives", options, async (t) => {
  const server = serve(t);
  const stream = client(t, server.address()).toDuplex({ bytes: true });
  assert.strictEqual(stream.connecting, true);
  stream.end('early');
  const [[peer]] = await Promise.all([once(server, 'connection'), once(stream, 'connect')]);
  assert.strictEqual(stream.connecting, false);
  const [data] = await once(peer, 'data');
  assert.strictEqual(data.toString(), 'early');
  peer.destroy();
});

test("setTimeout() emits 'timeout' once for each idle period", options, async (t) => {
  const [a, b] = streamPair(t);
  let timeouts = 0;
  a.on('timeout', () => timeouts++);
  await new Promise((resolve) => a.setTimeout(5, resolve));
  assert.strictEqual(a.timeout, 5);
  assert.strictEqual(timeouts, 1);
  b.write('x'); // bytes that are received start the next period
  await once(a, 'timeout');
  a.write('x'); // as do bytes that are sent
  await once(a, 'timeout');
  assert.strictEqual(timeouts, 3);
  assert.ok(!a.destroyed);
});

test('traffic postpones the timeout', options, async (t) => {
  const [a, b] = streamPair(t);
  b.on('data', () => {});
  let lastWrite;
  const waited = [];
  a.on('timeout', () => waited.push(Date.now() - lastWrite));
  a.setTimeout(100);
  for (let i = 0; i < 15; i++) {
    lastWrite = Date.now();
    await new Promise((resolve) => a.write('x', () => setTimeout(resolve, 10)));
  }
  if (waited.length === 0) await once(a, 'timeout');
  // On a busy machine two writes may be more than 100 ms apart. The clock of timers stands still during a tick.
  for (const ms of waited) assert.ok(ms > 50, `'timeout' ${ms} ms after a write`);
});

test('setTimeout(0, cb) removes the timeout and cb', options, async (t) => {
  const [a] = streamPair(t);
  const never = () => assert.fail('timeout');
  a.setTimeout(1, never).setTimeout(0, never);
  assert.strictEqual(a.listenerCount('timeout'), 0);
  assert.strictEqual(a.timeout, 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
});

test("no 'timeout' follows destroy()", options, async (t) => {
  // In a process of its own, whose event loop begins with the timers: this one expires before 'close'.
  const { code, stdout } = await runChild(t, () => {
    const [stream] = lib.createSocketPair('seqpacket').map((socket) => socket.toDuplex({ bytes: true }));
    for (const event of ['timeout', 'close']) stream.on(event, () => console.log(event));
    stream.setTimeout(5);
    stream.destroy();
    for (const end = Date.now() + 20; Date.now() < end; );
    stream.on('close', () => {
      stream.setTimeout(5);
      setTimeout(() => process.exit(), 20);
    });
  });
  assert.deepStrictEqual({ code, stdout }, { code: 0, stdout: 'close\n' });
});

test('setTimeout() refuses what net.Socket refuses', options, (t) => {
  const [a] = streamPair(t);
  for (const value of ['1', null, {}]) assert.throws(() => a.setTimeout(value), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const value of [-1, NaN, Infinity]) assert.throws(() => a.setTimeout(value), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => a.setTimeout(1, 'callback'), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('destroySoon() sends what was written, then closes the socket', options, async (t) => {
  const [socket, peer] = pair(t, 'seqpacket');
  const stream = socket.toDuplex({ bytes: true });
  stream.write(Buffer.alloc(1e6));
  stream.destroySoon();
  let received = 0;
  peer.on('data', (data) => {
    received += data.length;
  });
  await Promise.all([once(peer, 'end'), once(stream, 'close'), closed(socket)]);
  assert.strictEqual(received, 1e6);
  stream.destroySoon();
});

test('destroySoon() of a stream that has ended destroys it', options, async (t) => {
  const [a] = streamPair(t);
  a.end();
  await once(a, 'finish');
  a.destroySoon();
  assert.ok(a.destroyed);
});

test('unref() lets the process exit, and ref() keeps it alive again', options, async (t) => {
  const run = (calls) =>
    runChild(
      t,
      `const [a, b] = lib.createSocketPair('seqpacket').map((socket) => socket.toDuplex({ bytes: true }));
      b.unref();
      ${calls}
      setTimeout(() => process.exit(3), 100).unref(); // runs only if something else keeps the process alive`,
    );
  assert.strictEqual((await run('a.unref().setTimeout(1e6);')).code, 0);
  assert.strictEqual((await run('a.unref().ref();')).code, 3);
});
