'use strict';
// One destination is not another: budgets, 'drain', names and descriptors of each.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { deadline, eventually, once, openFds, sockPath, tmp } = require('../../helpers');
const {
  abstractName,
  dgram,
  fill,
  numbered,
  numbers,
  pair,
  queued,
  range,
  sent,
  texts,
} = require('../../helpers/sockets');

const options = { timeout: deadline };

/** A receiver that does not read yet. */
function idle(t, name = abstractName()) {
  const socket = dgram(t, name, { paused: true });
  socket.on('data', () => {});
  return socket;
}

/** Sends until one message waits for `name`. */
function fillTo(socket, name) {
  while (socket.writableLengthTo(name) === 0) socket.send(numbered(0), name);
}

/** Calls `body` in another current directory. */
function within(folder, body) {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return body();
  } finally {
    process.chdir(before);
  }
}

describe('budgets', () => {
  test("a full destination returns false, another one true; 'drain' names the one that emptied", options, async (t) => {
    const [full, other] = [idle(t), idle(t)];
    const socket = dgram(t, undefined, { writableHighWaterMark: queued(2, 1000) });
    fill(socket, 1000, full.address());
    assert.strictEqual(socket.send(numbered(1), full.address()), false);
    assert.strictEqual(socket.send(numbered(1), other.address()), true);
    assert.strictEqual(socket.writableNeedDrain, true);
    const drain = once(socket, 'drain');
    full.resume();
    assert.deepStrictEqual(await drain, [full.address()]);
    assert.strictEqual(socket.writableNeedDrain, false);
  });

  test(
    'maxQueuedBytes bounds each destination; write and send return false for what they refuse',
    options,
    async (t) => {
      const receivers = [idle(t), idle(t)];
      const socket = dgram(t, undefined, { maxQueuedBytes: queued(3, 1000), writableHighWaterMark: Infinity });
      for (const receiver of receivers) {
        fillTo(socket, receiver.address());
        const results = range(5).map((i) => socket.send(numbered(i), receiver.address(), () => {}));
        assert.deepStrictEqual(results, [true, true, false, false, false]);
      }
      assert.strictEqual(socket.droppedMessages, 6);
      assert.strictEqual(socket.writableLength, queued(6, 1000));
    },
  );

  test(
    "a message that maxQueuedBytes always refuses: false, ENOBUFS, and 'drain' because nothing waits",
    options,
    async (t) => {
      const [a, b] = pair(t, 'seqpacket', { maxQueuedBytes: 10, paused: true });
      while (
        await sent(a, numbered(1)).then(
          () => true,
          (err) => err.code !== 'ENOBUFS',
        )
      );
      const drain = once(a, 'drain');
      const done = new Promise((resolve) => {
        assert.strictEqual(a.write('x', resolve), false);
      });
      assert.strictEqual((await done).code, 'ENOBUFS');
      await drain;
      b.resume();
    },
  );

  test('writableHighWaterMark 0: writes that wait return false, and drain follows each time', options, async (t) => {
    const [a, b] = pair(t, 'seqpacket', { writableHighWaterMark: 0 });
    const got = numbers(b, 300);
    for (let i = 0; i < 300; i++) if (!a.write(numbered(i, 8192))) await once(a, 'drain');
    assert.deepStrictEqual(await got, range(300));
  });

  test('writableLengthTo and discard concern one destination; its callbacks get ENOBUFS', options, async (t) => {
    const [first, second] = [idle(t), idle(t)];
    const socket = dgram(t);
    for (const receiver of [first, second]) fillTo(socket, receiver.address());
    const errors = range(4).map((i) => new Promise((resolve) => socket.send(numbered(i), first.address(), resolve)));
    assert.strictEqual(socket.writableLengthTo(first.address()), queued(5, 1000));
    assert.strictEqual(socket.writableLengthTo(second.address()), queued(1, 1000));
    assert.strictEqual(socket.writableLengthTo(abstractName()), 0);
    assert.strictEqual(socket.discard(first.address()), 5);
    assert.deepStrictEqual(
      (await Promise.all(errors)).map((err) => err.code),
      Array(4).fill('ENOBUFS'),
    );
    assert.strictEqual(socket.writableLengthTo(first.address()), 0);
    assert.strictEqual(socket.writableLength, queued(1, 1000));
    assert.strictEqual(socket.discard(first.address()), 0);
    assert.throws(() => socket.discard(''), { code: 'ERR_INVALID_ARG_VALUE' });
  });

  test(
    'queued descriptors count and are bounded: write returns false, and the process can open files',
    options,
    async (t) => {
      const [a] = pair(t, 'seqpacket', { paused: true, receiveFds: true, writableHighWaterMark: 16384 });
      const fd = fs.openSync('/dev/null', 'r');
      t.after(() => fs.closeSync(fd));
      const before = openFds();
      a.on('error', (err) => assert.strictEqual(err.code, 'ENOBUFS'));
      while (a.write('x', { fds: Array(16).fill(fd) }));
      assert.ok(openFds() - before <= 32, `${openFds() - before} descriptors wait below the high-water mark`);
      for (let i = 0; i < 1000; i++) a.write('x', { fds: Array(16).fill(fd) });
      assert.ok(openFds() - before <= 1024, `${openFds() - before} descriptors wait`);
      assert.ok(a.droppedMessages > 0);
    },
  );
});

describe('names', () => {
  test('a relative name means the socket that it led to when the call was made', options, async (t) => {
    const folders = [tmp(t), tmp(t)];
    const [a, b] = folders.map((folder) => within(folder, () => idle(t, 'sock')));
    const socket = dgram(t);
    const done = range(15).map((i) => within(folders[0], () => sent(socket, numbered(i), 'sock')));
    const toB = within(folders[1], () => sent(socket, 'for B', 'sock'));
    const corked = within(folders[0], () => {
      socket.cork();
      return sent(socket, numbered(15), 'sock');
    });
    const got = numbers(a, 16);
    const gotB = texts(b, 1);
    for (const receiver of [a, b]) receiver.resume();
    assert.deepStrictEqual(await got, range(16));
    assert.deepStrictEqual(await gotB, ['for B']);
    await Promise.all([...done, toB, corked]);
  });

  test('a name below /proc/self/fd never leads to the socket in another directory', {
    ...options,
    skip: process.platform !== 'linux',
  }, async (t) => {
    const folders = [tmp(t), tmp(t)];
    const [a, b] = folders.map((folder) => idle(t, path.join(folder, 'sock')));
    const fd = fs.openSync(folders[0], 'r');
    const socket = dgram(t);
    const done = range(15).map((i) => sent(socket, numbered(i), `/proc/self/fd/${fd}/sock`));
    fs.closeSync(fd);
    assert.strictEqual(fs.openSync(folders[1], 'r'), fd);
    t.after(() => fs.closeSync(fd));
    const got = numbers(a, 15);
    a.resume();
    assert.deepStrictEqual(await got, range(15));
    await Promise.all(done);
    assert.strictEqual(b.bytesRead, 0);
  });

  test('connect() again: what waits for the first peer goes to it, in order, callbacks too', options, async (t) => {
    const [a, b] = [idle(t), idle(t)];
    const socket = dgram(t);
    socket.connect(a.address());
    const order = [];
    const done = range(15).map((i) => sent(socket, numbered(i)).then(() => order.push(i)));
    socket.connect(b.address());
    const toB = texts(b, 1);
    b.resume();
    await sent(socket, 'for b');
    assert.deepStrictEqual(await toB, ['for b']);
    assert.ok(socket.writableLengthTo(a.address()) > 0);
    const toA = numbers(a, 15);
    a.resume();
    assert.deepStrictEqual(await toA, range(15));
    await Promise.all(done);
    assert.deepStrictEqual(order, range(15));
  });

  test(
    'disconnect(): what waits for the peer still goes to it; a peer without a name: ENOTCONN',
    options,
    async (t) => {
      const a = idle(t);
      const socket = dgram(t);
      socket.connect(a.address());
      const done = range(15).map((i) => sent(socket, numbered(i)));
      socket.disconnect();
      const toA = numbers(a, 15);
      a.resume();
      assert.deepStrictEqual(await toA, range(15));
      await Promise.all(done);

      const [left] = pair(t, 'dgram', { paused: true });
      fill(left);
      const lost = assert.rejects(sent(left, 'x'), { code: 'ENOTCONN' });
      left.on('error', () => {});
      left.disconnect();
      await lost;
    },
  );

  for (const bound of [false, true]) {
    test(
      `a receiver that takes over a pathname gets what waits and what follows (sender ${bound ? 'bound' : 'unbound'})`,
      options,
      async (t) => {
        const name = sockPath(t);
        const old = idle(t, name);
        const socket = dgram(t, bound ? sockPath(t) : undefined);
        const before = fill(socket, 1000, name);
        const waiting = range(5).map((i) => sent(socket, numbered(before + i), name));
        fs.unlinkSync(name);
        const fresh = dgram(t, name);
        const got = numbers(fresh, 7);
        const follows = sent(socket, numbered(before + 5), name);
        assert.deepStrictEqual(
          await got,
          range(7).map((i) => before - 1 + i),
        );
        await Promise.all([...waiting, follows]);
        assert.strictEqual(socket.writableLength, 0);
        assert.strictEqual(old.bytesRead, 0);
      },
    );
  }

  test('a connected socket follows a receiver that takes over the pathname of its peer', options, async (t) => {
    const name = sockPath(t);
    idle(t, name);
    const socket = dgram(t);
    socket.connect(name);
    const before = fill(socket);
    fs.unlinkSync(name);
    const fresh = dgram(t, name);
    const got = numbers(fresh, 2);
    await sent(socket, numbered(before));
    assert.deepStrictEqual(await got, [before - 1, before]);
  });
});

describe('descriptors', () => {
  for (const size of [100, 19000, 65536, 150000]) {
    test(`a stopped receiver does not delay another one, ${size} bytes a message`, options, async (t) => {
      const [stuck, free] = [idle(t), idle(t)];
      const socket = dgram(t);
      const got = numbers(free, 100);
      free.resume();
      for (let i = 0; i < 100; i++) {
        socket.send(numbered(i, size), stuck.address(), () => {});
        await sent(socket, numbered(i, size), free.address());
      }
      assert.deepStrictEqual(await got, range(100));
    });
  }

  test(
    '100 full receivers take at most 64 descriptors, and all get their messages when they read',
    options,
    async (t) => {
      const receivers = range(100).map(() => idle(t));
      const socket = dgram(t);
      socket.setSendBufferSize(4 << 20);
      const before = openFds();
      const done = receivers.flatMap((receiver) =>
        range(15).map((i) => sent(socket, numbered(i, 8), receiver.address())),
      );
      assert.ok(openFds() - before <= 64, `${openFds() - before} descriptors`);
      const got = receivers.map((receiver) => numbers(receiver, 15));
      for (const receiver of receivers) receiver.resume();
      for (const received of await Promise.all(got)) assert.deepStrictEqual(received, range(15));
      await Promise.all(done);
      await eventually(() => openFds() <= before, 'no more descriptors than before');
    },
  );

  test('300 senders of one process to one receiver: all messages arrive, with one probe', options, async (t) => {
    const receiver = idle(t);
    const senders = range(300).map(() => dgram(t));
    const before = openFds();
    const done = senders.map((sender, i) => sent(sender, numbered(i), receiver.address()));
    assert.ok(openFds() - before <= 1);
    const got = numbers(receiver, 300);
    receiver.resume();
    assert.deepStrictEqual(
      (await got).sort((x, y) => x - y),
      range(300),
    );
    await Promise.all(done);
  });

  test('a bound sender keeps its name when a destination is full; bind() after that, too', options, async (t) => {
    const [stuck, free] = [idle(t), idle(t)];
    const socket = dgram(t);
    while (socket.writableLength === 0) socket.send(numbered(0, 20000), stuck.address());
    await sent(socket, numbered(0, 20000), free.address());
    const name = abstractName();
    socket.bind(name);
    const senders = [];
    free.on('data', (_data, from) => senders.push(from));
    free.resume();
    stuck.resume();
    await eventually(() => socket.writableLength === 0, 'the queue is empty');
    await sent(socket, 'last', free.address());
    await eventually(() => senders.length === 2, 'both messages arrived');
    assert.deepStrictEqual(senders, ['', name]);
  });
});
