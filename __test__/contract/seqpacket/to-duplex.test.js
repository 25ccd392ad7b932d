'use strict';
// SeqpacketSocket#toDuplex(): one chunk for each message, backpressure in both directions.

const { test } = require('node:test');
const assert = require('node:assert');
const { Duplex, Readable, Transform, Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { deadline, once } = require('../../helpers');
const { connected, messages, numberOf, numbered, pair, range, turns } = require('../../helpers/sockets');

const options = { timeout: deadline };

/** A stream that collects what is written to it. */
const collector = (chunks) =>
  new Writable({
    objectMode: true,
    write(chunk, _encoding, callback) {
      chunks.push(String(chunk));
      setImmediate(callback);
    },
  });

const duplexes = async (t) => {
  const { client: socket, peer } = await connected(t);
  return [socket, peer].map((each) => each.toDuplex());
};

test('returns a Duplex with one chunk for each message', options, async (t) => {
  const [a, b] = await duplexes(t);
  assert.ok(a instanceof Duplex);
  assert.strictEqual(a.readableObjectMode, true);
  for (const chunk of ['one', Buffer.from('two'), new Uint8Array([0x33]), 'é']) a.write(chunk);
  const iterator = b[Symbol.asyncIterator]();
  for (const expected of ['one', 'two', '3', 'é']) {
    const { value } = await iterator.next();
    assert.ok(Buffer.isBuffer(value));
    assert.strictEqual(value.toString(), expected);
  }
});

test('pipelines into and out of both streams at once deliver every message', options, async (t) => {
  const [a, b] = await duplexes(t);
  const all = range(3000).map((i) => `message ${i}`);
  const [atA, atB] = [[], []];
  await Promise.all([
    pipeline(Readable.from(all), a),
    pipeline(Readable.from(all), b),
    pipeline(a, collector(atA)),
    pipeline(b, collector(atB)),
  ]);
  assert.deepStrictEqual(atA, all);
  assert.deepStrictEqual(atB, all);
});

test('a pipeline from the stream back into it makes an echo server', options, async (t) => {
  const [a, b] = await duplexes(t);
  const upperCase = new Transform({
    objectMode: true,
    transform: (chunk, _encoding, callback) => callback(null, String(chunk).toUpperCase()),
  });
  const echo = pipeline(b, upperCase, b);
  const got = [];
  const all = range(500).map((i) => `x${i}`);
  await Promise.all([pipeline(Readable.from(all), a, collector(got)), echo]);
  assert.deepStrictEqual(
    got,
    all.map((text) => text.toUpperCase()),
  );
});

test('a pipeline fails with the error of its source or of the socket', options, async (t) => {
  const [a] = await duplexes(t);
  const broken = new Readable({ read: () => broken.destroy(new Error('source')) });
  await assert.rejects(pipeline(broken, a), /source/);
  assert.ok(a.destroyed);
  const { client: socket, peer } = await connected(t);
  const reading = pipeline(peer.toDuplex(), collector([]));
  peer.destroy(new Error('socket'));
  await assert.rejects(reading, /socket/);
  socket.destroy();
});

test('a stream that is not read stops the sender', options, async (t) => {
  const { client: socket, peer } = await connected(t);
  const reader = peer.toDuplex();
  for (const i of range(4000)) socket.write(numbered(i));
  await once(reader, 'readable');
  assert.strictEqual(numberOf(reader.read()), 0);
  await turns(50);
  assert.ok(socket.writableLength > 3e6, `only ${socket.writableLength} bytes wait with the sender`);
  let next = 1;
  for await (const chunk of reader) {
    assert.strictEqual(numberOf(chunk), next++);
    if (next === 4000) break;
  }
});

test('a peer that does not read stops the source of a pipeline', options, async (t) => {
  const { client: socket, peer } = await connected(t);
  const writer = socket.toDuplex();
  peer.pause();
  let written = 0;
  const source = Readable.from(
    (function* () {
      while (written < 4000) yield numbered(written++);
    })(),
  );
  const done = pipeline(source, writer);
  await turns(100);
  assert.ok(written < 1500, `${written} taken from the source`);
  const got = messages(peer, 4000);
  peer.resume();
  assert.deepStrictEqual(
    (await got).map(({ data }) => numberOf(data)),
    range(4000),
  );
  await done;
});

test('end() of one stream ends reading at the other, which can still write', options, async (t) => {
  const [a, b] = await duplexes(t);
  a.end('question');
  const got = [];
  for await (const chunk of Readable.prototype.iterator.call(b, { destroyOnReturn: false })) got.push(String(chunk));
  assert.deepStrictEqual(got, ['question']);
  b.end('answer');
  const answers = [];
  for await (const chunk of a) answers.push(String(chunk));
  assert.deepStrictEqual(answers, ['answer']);
});

test("destroy() closes the socket, and 'close' of the socket closes the stream", options, async (t) => {
  const { client: socket, peer } = await connected(t);
  const [a, b] = [socket.toDuplex(), peer.toDuplex()];
  const closes = [once(a, 'close'), once(socket, 'close'), once(b, 'close'), once(peer, 'close')];
  b.resume();
  a.destroy();
  await Promise.all(closes);
  const [c, d] = pair(t, 'seqpacket');
  const stream = d.toDuplex().resume();
  const close = once(stream, 'close');
  for (const socketOfPair of [c, d]) socketOfPair.destroy();
  await close;
});

test("a chunk longer than a message fails with EMSGSIZE, to its callback and as 'error'", options, async (t) => {
  const [a, b] = await duplexes(t);
  const error = once(a, 'error');
  const ofCallback = await new Promise((resolve) => a.write(Buffer.alloc(300000), resolve));
  assert.strictEqual(ofCallback.code, 'EMSGSIZE');
  assert.strictEqual((await error)[0], ofCallback);
  assert.ok(a.destroyed);
  for await (const _ of b) assert.fail('a chunk of a message that was not sent');
});

test('a chunk that is neither a string nor bytes throws ERR_INVALID_ARG_TYPE', options, async (t) => {
  const [a] = await duplexes(t);
  for (const chunk of [1, true, {}, ['a'], () => {}]) {
    assert.throws(() => a.write(chunk), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  assert.throws(() => a.write(null), { code: 'ERR_STREAM_NULL_VALUES' });
});

test("a stream created after 'end' ends", options, async (t) => {
  const { client: socket, peer } = await connected(t);
  const end = once(peer, 'end');
  peer.on('data', () => {});
  socket.end('x');
  await end;
  for await (const _ of peer.toDuplex()) assert.fail('a chunk after the end');
});

test('toDuplex() of a closed socket throws ERR_SOCKET_CLOSED', options, async (t) => {
  const { peer } = await connected(t);
  peer.destroy();
  assert.throws(() => peer.toDuplex(), { code: 'ERR_SOCKET_CLOSED' });
  await turns();
  assert.throws(() => peer.toDuplex(), { code: 'ERR_SOCKET_CLOSED' });
  assert.strictEqual(peer.listenerCount('data'), 0);
});

test('web streams of Duplex.toWeb() transfer messages and end', {
  ...options,
  skip: !Duplex.toWeb && 'no Duplex.toWeb',
}, async (t) => {
  const [a, b] = (await duplexes(t)).map((duplex) => Duplex.toWeb(duplex));
  const writer = a.writable.getWriter();
  const reader = b.readable.getReader();
  for (const i of range(50)) await writer.write(Buffer.from(`chunk ${i}`));
  for (const i of range(50)) {
    const { value } = await reader.read();
    assert.strictEqual(Buffer.from(value).toString(), `chunk ${i}`);
  }
  const back = b.writable.getWriter();
  const answers = a.readable.getReader();
  await back.write(Buffer.from('answer'));
  assert.strictEqual(Buffer.from((await answers.read()).value).toString(), 'answer');
  // Node.js's adapters report the end of one direction only when both have ended.
  await Promise.all([writer.close(), back.close()]);
  for (const each of [reader, answers]) assert.strictEqual((await each.read()).done, true);
});
