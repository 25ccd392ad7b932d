'use strict';
// DgramSocket#connect() and disconnect(), argument forms of send(), and which values can be a message.

const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { deadline, once, collect, sockPath, tmp } = require('../../helpers');
const { closing, dgram, failure, messages, pair, post, range, sent, texts, turns } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };

/** A bound socket, and a second one connected to it. */
function toPeer(t) {
  const peer = dgram(t, sockPath(t));
  const socket = dgram(t, sockPath(t));
  socket.connect(peer.address());
  return { peer, socket };
}

test("connect() sets the peer and remoteAddress(); 'connect' follows after it has returned", options, async (t) => {
  const peer = dgram(t, sockPath(t));
  const socket = dgram(t, sockPath(t));
  assert.strictEqual(socket.remoteAddress(), '');
  const connect = once(socket, 'connect');
  let emitted = false;
  socket.on('connect', () => {
    emitted = true;
  });
  socket.connect(peer.address());
  assert.strictEqual(emitted, false);
  assert.strictEqual(socket.remoteAddress(), peer.address());
  await connect;
  await sent(socket, 'x');
  const [{ path: from }] = await messages(peer, 1);
  assert.strictEqual(from, socket.address());
});

test('a connected socket receives messages of its peer only, until disconnect()', options, async (t) => {
  const { peer, socket } = toPeer(t);
  const stranger = dgram(t);
  await assert.rejects(sent(stranger, 'no', socket.address()), { code: 'EPERM' });
  await sent(peer, 'yes', socket.address());
  assert.deepStrictEqual(await texts(socket, 1), ['yes']);
  socket.disconnect();
  await sent(stranger, 'now', socket.address());
  assert.deepStrictEqual(await texts(socket, 1), ['now']);
});

test('a connected socket can send to other destinations', options, async (t) => {
  const { peer, socket } = toPeer(t);
  const other = dgram(t, sockPath(t));
  await sent(socket, 'send', other.address());
  await new Promise((resolve, reject) =>
    socket.sendTo(Buffer.from('sendTo'), 0, 6, other.address(), (err) => (err ? reject(err) : resolve())),
  );
  await sent(socket, 'peer');
  assert.deepStrictEqual(await texts(other, 2), ['send', 'sendTo']);
  assert.deepStrictEqual(await texts(peer, 1), ['peer']);
});

test('a second connect() changes the peer, disconnect() removes it', options, async (t) => {
  const { socket } = toPeer(t);
  const second = dgram(t, sockPath(t));
  socket.connect(second.address());
  assert.strictEqual(socket.remoteAddress(), second.address());
  await sent(socket, 'x');
  assert.deepStrictEqual(await texts(second, 1), ['x']);
  socket.disconnect();
  assert.strictEqual(socket.remoteAddress(), '');
  const refused = await failure(socket, () => socket.send('to nobody', (err) => socket.emit('error', err)));
  assert.ok(refused.code, refused.message);
  await sent(socket, 'y', second.address());
  assert.deepStrictEqual(await texts(second, 1), ['y']);
});

test(
  'connect() to a path without a datagram socket fails with the error; the socket stays usable',
  options,
  async (t) => {
    const socket = dgram(t);
    const folder = tmp(t);
    const dead = sockPath(t);
    dgram(t, dead).close();
    const server = closing(t, new lib.SeqpacketServer()).listen(sockPath(t));
    fs.writeFileSync(`${folder}/file`, '');
    for (const [path, code] of [
      [`${folder}/missing`, 'ENOENT'],
      [`${folder}/file`, 'ECONNREFUSED'],
      [dead, 'ECONNREFUSED'],
      [server.address(), 'EPROTOTYPE'],
    ]) {
      const error = await failure(socket, () => socket.connect(path));
      assert.deepStrictEqual([error.code, error.syscall, error.path], [code, 'connect', path]);
      assert.strictEqual(socket.remoteAddress(), '');
    }
    const peer = dgram(t, sockPath(t));
    socket.connect(peer.address());
    await sent(socket, 'x');
    assert.deepStrictEqual(await texts(peer, 1), ['x']);
  },
);

test(
  'a connected peer that closes: send() fails with ECONNREFUSED; connect() to its successor works',
  options,
  async (t) => {
    const { peer, socket } = toPeer(t);
    const path = peer.address();
    peer.close();
    await once(peer, 'close');
    await assert.rejects(sent(socket, 'lost'), { code: 'ECONNREFUSED' });
    assert.strictEqual(socket.closed, false);
    fs.unlinkSync(path);
    const back = dgram(t, path);
    socket.connect(path);
    await sent(socket, 'hello again');
    const [{ path: from }] = await messages(back, 1);
    await sent(back, 'welcome', from);
    assert.deepStrictEqual(await texts(socket, 1), ['welcome']);
  },
);

test("a failed send() without a callback emits 'error'; the socket stays usable", options, async (t) => {
  const { peer, socket } = toPeer(t);
  const missing = `${tmp(t)}/missing`;
  socket.send('lost', missing);
  const [error] = await once(socket, 'error');
  assert.deepStrictEqual([error.code, error.path], ['ENOENT', missing]);
  assert.ok(error.errno < 0);
  peer.close();
  await once(peer, 'close');
  socket.send('lost');
  assert.strictEqual((await once(socket, 'error'))[0].code, 'ECONNREFUSED');
  await turns();
  assert.strictEqual(socket.closed, false);
  const other = dgram(t, sockPath(t));
  await sent(socket, 'alive', other.address());
  assert.deepStrictEqual(await texts(other, 1), ['alive']);
});

test('a peer that disconnects: the socket stays usable and can connect to another peer', options, async (t) => {
  const [one, two] = pair(t, 'dgram');
  one.on('error', () => {}); // the kernel sets ECONNRESET on a socket whose peer disconnects
  two.disconnect();
  await turns();
  const third = dgram(t, sockPath(t));
  one.connect(third.address());
  await turns();
  await sent(one, 'x');
  assert.deepStrictEqual(await texts(third, 1), ['x']);
});

test('send() sends in every argument form and calls each callback', options, async (t) => {
  const { peer, socket } = toPeer(t);
  const other = dgram(t, sockPath(t));
  const to = other.address();
  let called = 0;
  const cb = (err) => {
    assert.ifError(err);
    called++;
  };
  const toPeerForms = [[], [cb], [undefined, {}], [undefined, {}, cb], [undefined, { fds: [] }, cb]];
  const toOtherForms = [[to], [to, cb], [Buffer.from(to), cb], [to, {}], [to, {}, cb], [to, { fds: [] }, cb]];
  for (const args of toPeerForms) assert.strictEqual(socket.send('peer', ...args), true);
  for (const args of toOtherForms) assert.strictEqual(socket.send('other', ...args), true);
  assert.strictEqual(called, 0);
  assert.deepStrictEqual(
    await texts(peer, toPeerForms.length),
    toPeerForms.map(() => 'peer'),
  );
  assert.deepStrictEqual(
    await texts(other, toOtherForms.length),
    toOtherForms.map(() => 'other'),
  );
  assert.strictEqual(called, 7);
});

for (const type of ['dgram', 'seqpacket']) {
  test(`${type}: strings, views and arrays of them are sent as their bytes`, options, async (t) => {
    const [a, b] = pair(t, type);
    const bytes = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]);
    const cases = [
      ['héllo €', Buffer.from('héllo €')],
      ['', Buffer.alloc(0)],
      [Buffer.alloc(0), Buffer.alloc(0)],
      [bytes, Buffer.from(bytes)],
      [bytes.subarray(2, 5), Buffer.from([2, 3, 4])],
      [new Uint16Array(bytes.buffer, 2, 2), Buffer.from([2, 3, 4, 5])],
      [new DataView(bytes.buffer, 1, 2), Buffer.from([1, 2])],
      [new Float64Array(bytes.buffer), Buffer.from(bytes)],
      [['one', ' ', Buffer.from('message'), new DataView(Buffer.from('s').buffer, 0, 0)], Buffer.from('one message')],
      [['', Buffer.alloc(0)], Buffer.alloc(0)],
      [[], Buffer.alloc(0)],
      [['é', new Uint16Array(bytes.buffer, 0, 1)], Buffer.from([0xc3, 0xa9, 0, 1])],
    ];
    for (const [message, expected] of cases) {
      await sent(a, message);
      const [{ data, info }] = await messages(b, 1);
      assert.ok(Buffer.isBuffer(data));
      assert.deepStrictEqual(data, expected);
      assert.strictEqual(info.size, expected.length);
    }
  });

  test(`${type}: an array of 5,000 parts is one message`, options, async (t) => {
    const [a, b] = pair(t, type);
    for (const count of [1023, 1024, 1025, 5000]) {
      const parts = range(count).map((i) => (i % 2 ? `${i};` : Buffer.from(`${i};`)));
      await sent(a, parts);
      const [{ data }] = await messages(b, 1);
      assert.strictEqual(data.toString(), parts.map(String).join(''));
    }
  });

  test(`${type}: a value that is no message throws ERR_INVALID_ARG_TYPE, and nothing is sent`, options, async (t) => {
    const [a, b] = pair(t, type);
    for (const bad of [
      undefined,
      null,
      7,
      true,
      {},
      Symbol('s'),
      () => {},
      [7],
      ['x', null],
      [['x']],
      new ArrayBuffer(2),
    ]) {
      assert.throws(() => post(a, bad), { code: 'ERR_INVALID_ARG_TYPE' }, String(bad));
    }
    await sent(a, 'good');
    assert.deepStrictEqual(await texts(b, 1), ['good']);
  });

  test(`${type}: message boundaries are kept`, options, async (t) => {
    const [a, b] = pair(t, type);
    const got = collect(b, 'data', 300);
    const all = range(300).map((i) => 'x'.repeat(i * 7));
    for (const message of all) post(a, message);
    assert.deepStrictEqual(
      (await got).map(([data]) => data.length),
      all.map((message) => message.length),
    );
  });
}
