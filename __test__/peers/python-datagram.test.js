'use strict';

// Datagrams with the socket module of Python as the peer.

const assert = require('node:assert');
const path = require('node:path');
const { DgramSocket } = require('../..');
const { collect, once, sockPath, tmp } = require('../helpers');
const { testWith } = require('./foreign');
const { peer } = require('./python');

const testPython = (name, body) => testWith('python3', `python, datagrams: ${name}`, body);
const text = (buffer) => buffer.toString('latin1');

function bound(t, at = sockPath(t), options = undefined) {
  const socket = new DgramSocket(options);
  t.after(() => socket.close());
  socket.bind(at);
  return [socket, at];
}

testPython('message boundaries, empty and large messages, and replies to the sender address', async (t) => {
  const [socket, ours] = bound(t);
  const theirs = sockPath(t);
  const python = peer(
    t,
    `s = dgram(args[1])
for message in (b'one', b'', bytes(range(256)) * 800): s.sendto(message, args[0])
for i in range(4): say(*s.recvfrom(1 << 20))`,
    ours,
    theirs,
  );
  const big = Buffer.alloc(256 * 800, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
  const got = await collect(socket, 'data', 3);
  assert.deepStrictEqual(
    got.map(([message, from]) => [message.length, from]),
    [
      [3, theirs],
      [0, theirs],
      [big.length, theirs],
    ],
  );
  assert.ok(got[2][0].equals(big));

  socket.send('', theirs);
  socket.sendTo(Buffer.from('abcdef'), 2, 3, theirs);
  socket.send(big, theirs);
  socket.send(['ga', Buffer.from('ther'), 'ed'], theirs);
  for (const message of ['', 'cde', text(big), 'gathered'])
    assert.deepStrictEqual(await python.hear(), [message, ours]);
  await python.succeeds();
});

testPython('5,000 messages to a peer that does not read at first arrive in order', async (t) => {
  const theirs = sockPath(t);
  const count = 5000;
  const python = peer(
    t,
    `s = dgram(args[0]); say('bound'); hear()
wrong = sum(s.recv(100) != b'%d' % i for i in range(${count}))
say(wrong)`,
    theirs,
  );
  await python.hear();
  const [socket] = bound(t);
  const results = [];
  const all = new Promise((resolve) => {
    for (let i = 0; i < count; i++) {
      socket.send(String(i), theirs, (err) => {
        if (results.push(err) === count) resolve();
      });
    }
  });
  assert.ok(socket.writableLength > 0); // the queue of the peer is full
  python.send('\n');
  await all;
  assert.ok(results.every((err) => err === null));
  assert.deepStrictEqual(await python.hear(), [0]);
  await python.succeeds();
});

testPython('a connected peer that closes: ECONNREFUSED; connect() to its successor works', async (t) => {
  const theirs = sockPath(t);
  const source = `s = dgram(args[0]); say('bound'); message, address = s.recvfrom(99); say(message); s.sendto(b'heard', address)`;
  const first = peer(t, source, theirs);
  await first.hear();
  const [socket] = bound(t);
  socket.connect(theirs);
  assert.strictEqual(socket.remoteAddress(), theirs);
  const send = (message) => new Promise((resolve) => socket.send(message, resolve));

  assert.strictEqual(await send('one'), null);
  assert.strictEqual(text((await once(socket, 'data'))[0]), 'heard');
  await first.succeeds();
  assert.strictEqual((await send('nobody there')).code, 'ECONNREFUSED');

  require('node:fs').unlinkSync(theirs);
  const second = peer(t, source, theirs);
  await second.hear();
  socket.connect(theirs);
  assert.strictEqual(await send('two'), null);
  assert.strictEqual(text((await once(socket, 'data'))[0]), 'heard');
  assert.deepStrictEqual(await second.hear(), ['two']);
  await second.succeeds();
});

testPython('abstract names: exact length, a name picked by the kernel, replies', async (t) => {
  const [socket, ours] = bound(t, `\0nus-test-${process.pid}-dgram`);
  const python = peer(
    t,
    `s = dgram(b'')
s.sendto(b'from an autobound name', args[0])
say(s.getsockname()); say(*s.recvfrom(99))`,
    ours,
  );
  const [message, from, { rawPath }] = await once(socket, 'data');
  assert.strictEqual(text(message), 'from an autobound name');
  assert.match(from, /^\0[0-9a-f]{5}$/);
  assert.deepStrictEqual(await python.hear(), [from]);
  socket.send('answer', rawPath);
  assert.deepStrictEqual(await python.hear(), ['answer', ours]);
  await python.succeeds();
});

testPython("a message of an unnamed sender has path '' and an empty rawPath", async (t) => {
  const [socket, ours] = bound(t);
  const python = peer(t, `dgram().sendto(b'who?', args[0])`, ours);
  const [, from, { rawPath }] = await once(socket, 'data');
  assert.deepStrictEqual([from, rawPath.length], ['', 0]);
  await python.succeeds();
});

testPython('replies to rawPath arrive at names that are not UTF-8', async (t) => {
  const folder = tmp(t);
  const name = (...bytes) => Buffer.concat([Buffer.from(`${folder}${path.sep}`), Buffer.from(bytes)]);
  for (const [ours, theirs] of [
    [name(0xff, 0x41), name(0xfe, 0xc0, 0x42)],
    [Buffer.from([0, 0xff, 0, process.pid & 255]), Buffer.from([0, 0xc3, 0x28, 0, process.pid & 255])],
  ]) {
    const [socket] = bound(t, ours);
    const python = peer(t, `s = dgram(args[1]); s.sendto(b'hello', args[0]); say(*s.recvfrom(99))`, ours, theirs);
    const [, , { rawPath }] = await once(socket, 'data');
    assert.deepStrictEqual(rawPath, theirs);
    socket.send('answer', rawPath);
    const [answer] = await python.hear();
    assert.strictEqual(answer, 'answer');
    await python.succeeds();
  }
});

testPython('info.size is the true size of a truncated message', async (t) => {
  const [socket, ours] = bound(t, sockPath(t), { readBufferSize: 100 });
  const python = peer(t, `s = dgram(); s.sendto(b'x' * 1000, args[0]); s.sendto(b'y' * 100, args[0])`, ours);
  const got = await collect(socket, 'data', 2);
  assert.deepStrictEqual(
    got.map(([message, , { size, truncated }]) => [message.length, size, truncated]),
    [
      [100, 1000, true],
      [100, 100, false],
    ],
  );
  await python.succeeds();
});
