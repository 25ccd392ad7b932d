'use strict';
// One failure, one report: what is emitted when messages without a callback fail, and when a connection breaks.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, python, sockPath } = require('../../helpers');
const {
  abstractName,
  closed,
  closing,
  dgram,
  fill,
  logged,
  numbered,
  pair,
  queued,
  range,
  sent,
  serve,
  texts,
  turns,
} = require('../../helpers/sockets');

const options = { timeout: deadline };
const TOO_LONG = Buffer.alloc(2 << 20);

/** Records 'error' and 'close'. */
function reports(socket) {
  const log = [];
  socket.on('error', (err) => log.push(err));
  socket.on('close', () => log.push('close'));
  return log;
}

const codes = (log) => log.map((entry) => entry.code || entry);

/** A connection whose peer is a Python process that runs `source` with the socket `s`. */
async function withPython(t, source) {
  const server = serve(t);
  const script = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
def wait(): sys.stdin.readline()
${source}`;
  const child = python(t, script, [server.address()]);
  const [socket] = await once(server, 'connection');
  return { server, socket: closing(t, socket), child };
}

/** A connection to a peer that has sent `count` messages, '0', '1' and so on, and has closed. */
async function peerThatSendsAndCloses(t, count) {
  const { socket, child } = await withPython(
    t,
    `
for i in range(${count}): s.send(b'%d' % i)
s.close()
print('gone')`,
  );
  await child.line();
  return socket;
}

describe('a connection whose peer leaves', () => {
  for (const read of ['reads', 'does not read']) {
    test(`with many messages waiting, while this side ${read}: one 'error', then 'close'`, options, async (t) => {
      const [a, b] = pair(t, 'seqpacket');
      b.write('unread');
      if (read === 'reads') a.on('data', () => {});
      const log = reports(a);
      fill(a);
      for (const i of range(500)) a.write(numbered(i));
      const results = [];
      const done = range(100).map((i) => sent(a, numbered(i)).catch((err) => results.push([i, err.code])));
      for (const i of range(500)) a.write(numbered(i));
      b.destroy();
      await closed(a);
      await Promise.all(done);
      await turns();
      assert.deepStrictEqual(codes(log), ['ECONNRESET', 'close']);
      assert.deepStrictEqual(
        results.map(([i]) => i),
        range(100),
      );
      for (const [, code] of results) assert.ok(['EPIPE', 'ECONNRESET'].includes(code), code);
    });
  }

  test("after it has read everything: one 'error' with EPIPE for two messages, then 'close'", options, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    const log = reports(a);
    b.destroy();
    assert.strictEqual(a.write('1'), false);
    assert.strictEqual(a.write('2'), false);
    await closed(a);
    assert.deepStrictEqual(codes(log), ['EPIPE', 'close']);
    assert.strictEqual(log[0].messages, 2);
    assert.strictEqual(log[0].syscall, 'send');
  });

  test("messages with callbacks get EPIPE; no 'error' is emitted, 'end' and 'close' follow", options, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    b.destroy();
    const log = logged(a);
    const results = [sent(a, 'x'), sent(a, ['y', 'z'])];
    for (const result of results) await assert.rejects(result, { code: 'EPIPE' });
    a.on('data', () => {});
    await closed(a);
    assert.deepStrictEqual(log, ['end', 'close']);
  });

  test("its messages are delivered before the 'error' of a reply that failed", options, async (t) => {
    const socket = await peerThatSendsAndCloses(t, 100);
    const log = reports(socket);
    const got = [];
    socket.on('data', (data) => {
      got.push(Number(data));
      socket.write('reply');
    });
    await closed(socket);
    assert.deepStrictEqual(got, range(100));
    assert.deepStrictEqual(codes(log), ['EPIPE', 'close']);
  });

  test('its messages can still be read if the reply failed while the socket was paused', options, async (t) => {
    const socket = await peerThatSendsAndCloses(t, 10);
    const log = reports(socket);
    const got = [];
    socket.on('data', (data) => {
      got.push(Number(data));
      socket.pause();
      if (got.length === 1) socket.write('reply');
    });
    await once(socket, 'error');
    assert.deepStrictEqual([got, socket.closed], [[0], false]);
    while (!socket.closed) {
      socket.resume();
      await turns(1);
    }
    await turns();
    assert.deepStrictEqual(got, range(10));
    assert.deepStrictEqual(codes(log), ['EPIPE', 'close']);
  });

  test("a peer that only shuts its read side down: one 'error' with EPIPE, then 'close'", options, async (t) => {
    const { socket, child } = await withPython(
      t,
      `
s.shutdown(socket.SHUT_RD)
s.send(b'shut')
wait()`,
    );
    const log = reports(socket);
    assert.deepStrictEqual(await texts(socket, 1), ['shut']);
    for (const _ of range(3)) socket.write('x');
    await closed(socket);
    assert.deepStrictEqual(codes(log), ['EPIPE', 'close']);
    child.send('end\n');
  });

  test("a half-closed peer that leaves: 'end', one 'error', 'close'", options, async (t) => {
    const { socket, child } = await withPython(
      t,
      `
s.shutdown(socket.SHUT_WR)
wait()`,
    );
    const log = logged(socket);
    socket.on('data', () => {});
    await once(socket, 'end');
    fill(socket);
    for (const i of range(200)) socket.write(numbered(i));
    child.send('leave\n');
    await closed(socket);
    assert.deepStrictEqual(log, ['end', 'error ECONNRESET', 'close']);
  });

  test("a write in the 'end' listener that fails: 'end', one 'error', 'close'", options, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    const log = logged(a);
    a.on('end', () => {
      for (const _ of range(3)) a.write('late');
      setImmediate(() => a.closed || a.write('later'));
    });
    b.destroy();
    await closed(a);
    await turns();
    assert.deepStrictEqual(log, ['end', 'error EPIPE', 'close']);
  });

  test("destroy() after a write that failed: only 'close'", options, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    const log = reports(a);
    b.destroy();
    a.write('x');
    a.destroy();
    await closed(a);
    await turns();
    assert.deepStrictEqual(log, ['close']);
  });

  test('a loop that writes until write() returns false ends', options, async (t) => {
    for (const cb of [undefined, () => {}]) {
      const [a, b] = pair(t, 'seqpacket');
      b.destroy();
      const settled = new Promise((resolve) => a.on('drain', resolve).on('error', resolve));
      while (a.write('x', cb));
      await settled;
    }
  });
});

for (const type of ['seqpacket', 'dgram']) {
  describe(type, () => {
    test(
      "messages that fail alone in one turn share one 'error'; 'drain' follows; the socket lives",
      options,
      async (t) => {
        const [a, b] = pair(t, type);
        const order = [];
        a.on('error', (err) => order.push([err.code, err.messages]));
        a.on('drain', () => order.push('drain'));
        const post = (...args) => (type === 'dgram' ? a.send(...args) : a.write(...args));
        const told = [];
        for (const _ of range(3)) assert.strictEqual(post(TOO_LONG), false);
        post(TOO_LONG, (err) => told.push(err.code));
        await turns(2);
        assert.deepStrictEqual(told, ['EMSGSIZE']);
        assert.deepStrictEqual(order, [['EMSGSIZE', 3], 'drain']);
        post(TOO_LONG);
        await turns(2);
        assert.deepStrictEqual(order.slice(2), [['EMSGSIZE', 1], 'drain']);
        assert.strictEqual(a.closed, false);
        await sent(a, 'lives');
        assert.deepStrictEqual(await texts(b, 1), ['lives']);
      },
    );

    test('messages refused with ENOBUFS share one error; write() and send() return false', options, async (t) => {
      const [a, b] = pair(t, type, { maxQueuedBytes: queued(5, 1000) });
      b.pause();
      fill(a);
      const errors = [];
      a.on('error', (err) => errors.push([err.code, err.messages]));
      const returned = range(20).map((i) => (type === 'dgram' ? a.send(numbered(i)) : a.write(numbered(i))));
      await turns(2);
      assert.deepStrictEqual(returned.slice(4), Array(16).fill(false));
      assert.deepStrictEqual(errors, [['ENOBUFS', 16]]);
      assert.strictEqual(a.droppedMessages, 16);
      const drain = once(a, 'drain');
      b.resume().on('data', () => {});
      await drain;
    });

    test("an error for a callback is no 'error' event, whatever the parameters of the callback", options, async (t) => {
      const [a] = pair(t, type);
      a.on('error', () => assert.fail('emitted'));
      const post = (cb) => (type === 'dgram' ? a.send(TOO_LONG, cb) : a.write(TOO_LONG, cb));
      const got = [];
      post(() => got.push('none'));
      post((...args) => got.push(args[0].code));
      post((err = null) => got.push(err.code));
      assert.deepStrictEqual(got, []);
      await turns(2);
      assert.deepStrictEqual(got, ['none', 'EMSGSIZE', 'EMSGSIZE']);
    });
  });
}

describe('datagrams without a callback', () => {
  test("that fail in one turn share one 'error': the first failure, and how many they are", options, async (t) => {
    const socket = dgram(t);
    const errors = [];
    socket.on('error', (err) => errors.push(err));
    const missing = sockPath(t);
    socket.send('x', missing);
    socket.send(TOO_LONG, missing);
    socket.send('x'); // not connected
    socket.send('x', missing, undefined, () => {});
    process.nextTick(() => socket.send('x', missing));
    assert.deepStrictEqual(errors, []);
    await turns(2);
    assert.deepStrictEqual(
      errors.map(({ code, path, messages }) => [code, path, messages]),
      [['ENOENT', missing, 4]],
    );
    socket.send('x');
    await turns(2);
    assert.deepStrictEqual([errors[1].code, errors[1].messages, errors.length], ['ENOTCONN', 1, 2]);
    assert.strictEqual(socket.closed, false);
  });

  test('that waited for receivers that are closed in one turn share one error', options, async (t) => {
    const receivers = range(3).map(() => dgram(t, abstractName(), { paused: true }));
    const socket = dgram(t);
    const errors = [];
    socket.on('error', (err) => errors.push(err));
    let waiting = 0;
    for (const receiver of receivers) {
      const before = socket.writableLength;
      while (socket.writableLength - before < 20000) socket.send(numbered(0), receiver.address());
      waiting += (socket.writableLength - before) / queued(1, 1000);
    }
    for (const receiver of receivers) receiver.close();
    const closes = new Promise((resolve) => receivers[2].on('close', resolve));
    await closes;
    while (socket.writableLength > 0) await turns(1);
    await turns(2);
    assert.ok(errors.length >= 1 && errors.length <= 3, `${errors.length} errors`);
    assert.strictEqual(
      errors.reduce((sum, { messages }) => sum + messages, 0),
      waiting,
    );
    for (const err of errors) assert.strictEqual(err.code, 'ECONNREFUSED');
  });

  test("'drain' comes after the 'error' of the messages that waited", options, async (t) => {
    const receiver = dgram(t, abstractName(), { paused: true });
    const socket = dgram(t, undefined, { writableHighWaterMark: 1000 });
    while (socket.send(numbered(0), receiver.address()));
    const order = [];
    socket.on('error', () => order.push('error')).on('drain', () => order.push('drain'));
    receiver.close();
    await once(socket, 'drain').catch(() => {});
    await turns(2);
    assert.deepStrictEqual(order, ['error', 'drain']);
  });

  test('a loop that sends to a missing destination until send() returns false ends', options, async (t) => {
    const socket = dgram(t);
    const missing = sockPath(t);
    const error = once(socket, 'error');
    while (socket.send('x', missing));
    await error;
    while (socket.send('x', missing, undefined, () => {}));
    await once(socket, 'drain');
  });
});
