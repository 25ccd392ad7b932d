'use strict';
// toDuplex({ bytes: true }): a stream of bytes, whose chunks have nothing to do with messages.

const { test } = require('node:test');
const assert = require('node:assert');
const { Duplex, Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { deadline, once, openFds } = require('../../helpers');
const { closed, messages, pair, range, sent, turns } = require('../../helpers/sockets');
const { assertSameBytes, body, readAll, streamPair } = require('../../helpers/streams');

const options = { timeout: deadline };
const MESSAGE = 65536;

const written = (stream, chunk) =>
  new Promise((resolve, reject) => stream.write(chunk, (err) => (err ? reject(err) : resolve())));

test('the stream is a Duplex without object mode', options, (t) => {
  const [a] = streamPair(t);
  assert.ok(a instanceof Duplex);
  assert.strictEqual(a.readableObjectMode, false);
  assert.strictEqual(a.writableObjectMode, false);
  assert.throws(() => a.write(1), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('the option bytes must be a boolean, and false or undefined is the stream of messages', options, (t) => {
  const [a, b] = pair(t, 'seqpacket');
  for (const value of [1, 'yes', {}])
    assert.throws(() => a.toDuplex({ bytes: value }), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const value of [1, true, () => {}]) assert.throws(() => a.toDuplex(value), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.strictEqual(a.listenerCount('data'), 0);
  assert.strictEqual(a.toDuplex({ bytes: false }).readableObjectMode, true);
  assert.strictEqual(b.toDuplex({ bytes: undefined }).readableObjectMode, true);
});

test('chunks of any length arrive whole and in order', options, async (t) => {
  const [a, b] = streamPair(t);
  const lengths = [1, MESSAGE - 1, MESSAGE, MESSAGE + 1, 0, 212960, 212961, 300000, 5e6, 7];
  const chunks = lengths.map((length, i) => body(length, i));
  const received = readAll(b);
  for (const chunk of chunks) a.write(chunk);
  a.end();
  assertSameBytes(await received, Buffer.concat(chunks));
});

test('strings and views arrive as their bytes', options, async (t) => {
  const [a, b] = streamPair(t);
  a.write('é');
  a.write('ff00', 'hex');
  a.write(new Uint8Array([1, 2]));
  a.end();
  assert.deepStrictEqual(await readAll(b), Buffer.from([0xc3, 0xa9, 0xff, 0, 1, 2]));
});

test('setEncoding() decodes characters that two messages share', options, async (t) => {
  const [a, peer] = pair(t, 'seqpacket');
  const stream = a.toDuplex({ bytes: true }).setEncoding('utf8');
  peer.write(Buffer.from([0x61, 0xc3]));
  peer.write(Buffer.from([0xa9, 0x62]));
  peer.end();
  let text = '';
  for await (const chunk of stream) text += chunk;
  assert.strictEqual(text, 'aéb');
});

test('a long chunk is cut into messages of 64 KiB', options, async (t) => {
  const [socket, peer] = pair(t, 'seqpacket');
  socket.toDuplex({ bytes: true }).write(body(2 * MESSAGE + 5));
  const got = await messages(peer, 3);
  assert.deepStrictEqual(
    got.map(({ data }) => data.length),
    [MESSAGE, MESSAGE, 5],
  );
});

test('messages are not longer than SO_SNDBUF allows, also if it is set after toDuplex()', options, async (t) => {
  const [socket, peer] = pair(t, 'seqpacket');
  const stream = socket.toDuplex({ bytes: true });
  socket.setSendBufferSize(1); // the kernel's minimum, 4,608 bytes
  const chunk = body(100000);
  const received = readAll(peer.toDuplex({ bytes: true }));
  stream.end(chunk);
  assertSameBytes(await received, chunk);
});

test('a byte stream receives the messages of another, whatever its readBufferSize was', options, async (t) => {
  const [a, b] = streamPair(t, { readBufferSize: 100 });
  const chunk = body(200000);
  const received = readAll(b);
  a.end(chunk);
  assertSameBytes(await received, chunk);
});

test('toDuplex() keeps a readBufferSize above 64 KiB', options, (t) => {
  const [a, b] = pair(t, 'seqpacket', { readBufferSize: 300000 });
  a.toDuplex({ bytes: true });
  assert.strictEqual(a.getInternalReadBufferSize(), 300000);
  b.setInternalReadBufferSize(1000);
  b.toDuplex();
  assert.strictEqual(b.getInternalReadBufferSize(), 1000);
});

test('chunks that are written in one tick are joined into few messages', options, async (t) => {
  const [socket, peer] = pair(t, 'seqpacket');
  const stream = socket.toDuplex({ bytes: true });
  const chunks = range(3000).map((i) => body(100, i));
  stream.cork();
  for (const chunk of chunks) stream.write(chunk);
  stream.uncork();
  const got = await messages(peer, 5);
  assert.deepStrictEqual(
    got.map(({ data }) => data.length),
    [MESSAGE, MESSAGE, MESSAGE, MESSAGE, 300000 - 4 * MESSAGE],
  );
  assertSameBytes(Buffer.concat(got.map(({ data }) => data)), Buffer.concat(chunks));
});

test('an empty chunk sends nothing, and its callback is called', options, async (t) => {
  const [socket, peer] = pair(t, 'seqpacket');
  const stream = socket.toDuplex({ bytes: true });
  await written(stream, '');
  await written(stream, Buffer.alloc(0));
  stream.cork();
  for (const chunk of ['', 'x', '']) stream.write(chunk);
  stream.uncork();
  const [{ data }] = await messages(peer, 1);
  assert.strictEqual(data.toString(), 'x');
});

test('an empty message gives no chunk, and does not end the stream', options, async (t) => {
  const [socket, peer] = pair(t, 'seqpacket');
  const stream = socket.toDuplex({ bytes: true });
  for (const message of ['', 'a', '', '', 'b', '']) peer.write(message);
  peer.end();
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk.toString());
  assert.strictEqual(chunks.join(''), 'ab');
  assert.ok(!chunks.includes(''));
});

test('a truncated message destroys the stream with ERR_MESSAGE_TRUNCATED', options, async (t) => {
  for (const bytes of [true, false]) {
    const [socket, peer] = pair(t, 'seqpacket', { readBufferSize: MESSAGE });
    const stream = socket.toDuplex({ bytes });
    peer.write(body(MESSAGE + 1));
    peer.write('next');
    const [err] = await once(stream.resume(), 'error');
    assert.strictEqual(err.code, 'ERR_MESSAGE_TRUNCATED');
    assert.match(err.message, /message of 65537 bytes was truncated to 65536 bytes/);
    await closed(socket);
  }
});

test('end() half-closes: the peer can still write', options, async (t) => {
  const [a, b] = streamPair(t);
  const question = body(1e6);
  const received = readAll(b);
  a.end(question);
  assertSameBytes(await received, question);
  const answer = body(2e6, 2);
  const answers = readAll(a);
  b.end(answer);
  assertSameBytes(await answers, answer);
  await Promise.all([a, b].map((stream) => stream.closed || once(stream, 'close')));
});

test('allowHalfOpen: false ends the stream when the peer has ended', options, async (t) => {
  const [a, b] = streamPair(t, { allowHalfOpen: false });
  assert.strictEqual(a.allowHalfOpen, false);
  const closes = [a, b].map((stream) => once(stream, 'close'));
  b.resume();
  b.end('last');
  assert.strictEqual(String(await readAll(a)), 'last');
  await Promise.all(closes);
  assert.ok(a.writableFinished);
});

test("a stream that is only written to emits 'end' and 'close'", options, async (t) => {
  const [a, b] = streamPair(t);
  const events = Promise.all([once(a, 'end'), once(a, 'close')]);
  a.end('x');
  await readAll(b);
  b.end();
  await events;
});

test('bytes received before the peer closed can be read after the socket has closed', options, async (t) => {
  for (const bytes of [true, false]) {
    const [socket, peer] = pair(t, 'seqpacket');
    const stream = socket.toDuplex({ bytes });
    for (const i of range(10)) await sent(peer, `chunk ${i} `);
    peer.destroy();
    await once(socket, 'close');
    await turns();
    let text = '';
    for await (const chunk of stream) text += chunk;
    assert.strictEqual(
      text,
      range(10)
        .map((i) => `chunk ${i} `)
        .join(''),
    );
    assert.ok(stream.destroyed);
  }
});

test('a reader that stops, stops the writer', options, async (t) => {
  const [a, b] = streamPair(t);
  const chunk = Buffer.alloc(10000);
  let taken = 0;
  const source = Readable.from(
    (function* () {
      for (; taken < 4000; taken++) yield chunk;
    })(),
  );
  const done = pipeline(source, a);
  await once(b, 'readable');
  await turns(100);
  assert.ok(taken < 200, `${taken} chunks taken from the source`);
  assert.ok(b.readableLength <= 4 * MESSAGE, `${b.readableLength} bytes wait in the reader`);
  assert.strictEqual((await readAll(b)).length, 4000 * chunk.length);
  await done;
});

test('one chunk of 50 MB to a reader that stops is not copied into the queue', options, async (t) => {
  const [socket, peer] = pair(t, 'seqpacket', { maxQueuedBytes: 2 * MESSAGE });
  const stream = socket.toDuplex({ bytes: true });
  peer.pause();
  const done = written(stream, Buffer.alloc(50e6));
  await turns(50);
  assert.ok(socket.writableLength <= 2 * MESSAGE, `${socket.writableLength} bytes queued`);
  let received = 0;
  peer.on('data', (data) => {
    received += data.length;
  });
  peer.resume();
  await done;
  stream.end();
  await once(peer, 'end');
  assert.strictEqual(received, 50e6);
});

test('a write error is reported to the callback of the chunk and as one error event', options, async (t) => {
  const [a, b] = streamPair(t);
  const error = once(a, 'error');
  b.destroy();
  await once(b, 'close');
  const outcome = written(a, body(1e6)).then(
    () => assert.fail('the write succeeded'),
    (err) => err,
  );
  const [[err], failed] = await Promise.all([error, outcome]);
  assert.strictEqual(err.code, 'EPIPE');
  assert.ok(failed instanceof Error);
});

test('a write after the socket was destroyed fails with ERR_SOCKET_CLOSED and does not throw', options, async (t) => {
  for (const length of [1, 1e6]) {
    const [socket] = pair(t, 'seqpacket');
    const stream = socket.toDuplex({ bytes: true });
    const failed = once(stream, 'error');
    socket.destroy();
    stream.write(body(length));
    assert.strictEqual((await failed)[0].code, 'ERR_SOCKET_CLOSED');
  }
});

test('descriptors that a message carries are closed', options, async (t) => {
  const [socket, peer] = pair(t, 'seqpacket', { receiveFds: true });
  const stream = socket.toDuplex({ bytes: true });
  const before = openFds();
  for (const _ of range(10)) await sent(peer, 'x', { fds: [0, 1] });
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length === 10) break;
  }
  assert.ok(openFds() <= before);
});

test('bytes pass a pipeline in both directions at once', options, async (t) => {
  const [a, b] = streamPair(t);
  const there = body(3e6, 1);
  const back = body(3e6, 2);
  const [atB, atA] = await Promise.all([
    readAll(b),
    readAll(a),
    pipeline(Readable.from([there]), a),
    pipeline(Readable.from([back]), b),
  ]);
  assertSameBytes(atB, there);
  assertSameBytes(atA, back);
});
