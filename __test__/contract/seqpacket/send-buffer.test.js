'use strict';
// SO_SNDBUF of a connection is doubled if it is full again although the peer reads, otherwise it is unchanged.

const { test } = require('node:test');
const assert = require('node:assert');
const { deadline, once } = require('../../helpers');
const { closing, fill, messages, pair, post, sent, turns } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline, skip: process.platform !== 'linux' && 'Linux only' };
const KERNELS_SHARE = 32;
const message = Buffer.alloc(64 * 1024, 'm');

/** Writes more than the send buffer holds while the peer reads. */
async function congest(a, b) {
  const before = a.bytesWritten;
  const count = 50;
  const got = messages(b, count);
  for (let i = 0; i < count; i++) post(a, message);
  for (const { data } of await got) assert.ok(data.equals(message));
  assert.strictEqual(a.bytesWritten - before, count * message.length);
}

test('SO_SNDBUF is doubled once when the buffer is full although the peer reads', options, async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  const size = a.getSendBufferSize();
  await congest(a, b);
  assert.strictEqual(a.getSendBufferSize(), 2 * size);
  assert.strictEqual(b.getSendBufferSize(), size, 'the peer sent nothing');
  await congest(a, b);
  assert.strictEqual(a.getSendBufferSize(), 2 * size);
});

test('SO_SNDBUF is unchanged while the peer does not read', options, async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  const size = a.getSendBufferSize();
  b.pause();
  fill(a);
  for (let i = 0; i < 100; i++) post(a, 'waits');
  a.cork();
  post(a, 'corked');
  a.uncork();
  await turns();
  assert.ok(a.writableLength > 0);
  assert.strictEqual(a.getSendBufferSize(), size);
});

test('the maximum message length does not change when SO_SNDBUF is doubled', options, async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  const longest = Buffer.alloc(a.getSendBufferSize() - KERNELS_SHARE, 'l');
  const longer = Buffer.alloc(longest.length + 1);
  const both = async () => {
    const got = messages(b, 1);
    await assert.rejects(sent(a, longer), { code: 'EMSGSIZE' });
    await assert.rejects(sent(a, [longer, 'x']), { code: 'EMSGSIZE' });
    await sent(a, longest);
    assert.ok((await got)[0].data.equals(longest));
  };
  await both();
  await congest(a, b);
  await both();

  const outcomes = [];
  const note = (err) => outcomes.push(err ? err.code : 'sent');
  const got = messages(b, 12);
  for (let i = 0; i < 10; i++) a.write(message, note);
  assert.ok(a.writableLength > 0);
  a.write(longer, note);
  a.write(longest, note);
  const last = sent(a, 'last');
  await got;
  await last;
  assert.deepStrictEqual(outcomes, [...Array(10).fill('sent'), 'EMSGSIZE', 'sent']);
});

test('a size set by setSendBufferSize() is kept and limits the message length', options, async (t) => {
  for (const early of [true, false]) {
    const [a, b] = pair(t, 'seqpacket');
    if (!early) await congest(a, b);
    a.setSendBufferSize(100000);
    const size = a.getSendBufferSize();
    assert.strictEqual(size, 200000);
    await congest(a, b);
    assert.strictEqual(a.getSendBufferSize(), size);
    a.setSendBufferSize(150000);
    const got = messages(b, 1);
    await sent(a, Buffer.alloc(300000 - KERNELS_SHARE));
    await got;
    await assert.rejects(sent(a, Buffer.alloc(300000)), { code: 'EMSGSIZE' });
  }
});

test('SO_SNDBUF of an adopted connection is unchanged', options, async (t) => {
  const [a, b] = pair(t, 'seqpacket', { receiveFds: true });
  const [c, d] = pair(t, 'seqpacket');
  post(a, ['yours'], { fds: [d.fd] });
  const [fd] = (await messages(b, 1))[0].info.fds;
  d.close();
  await once(d, 'close');
  const adopted = closing(t, new lib.SeqpacketSocket({ fd }));
  const size = adopted.getSendBufferSize();
  await congest(adopted, c);
  assert.strictEqual(adopted.getSendBufferSize(), size);
});

test('at most 128 connections have a doubled SO_SNDBUF at a time', options, async (t) => {
  const LIMIT = 128;
  const size = pair(t, 'seqpacket')[0].getSendBufferSize();
  const pairs = [];
  for (let i = 0; i <= LIMIT; i++) {
    pairs.push(pair(t, 'seqpacket'));
    await congest(...pairs[i]);
  }
  const sizes = () => pairs.map(([a]) => a.getSendBufferSize() / size);
  assert.deepStrictEqual(sizes(), [...Array(LIMIT).fill(2), 1]);
  const [[a]] = pairs.splice(0, 1);
  a.close();
  await congest(...pairs[LIMIT - 1]);
  assert.deepStrictEqual(sizes(), Array(LIMIT).fill(2));
});
