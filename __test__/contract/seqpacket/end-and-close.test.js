'use strict';
// How connections end: order of events, half-close, resets. destroy() is in ../both-kinds/destroy.test.js.

const { describe, test } = require('node:test');
const { AsyncLocalStorage } = require('node:async_hooks');
const assert = require('node:assert');
const { deadline, once, eventually, python } = require('../../helpers');
const {
  client,
  closed,
  closing,
  connected,
  failure,
  fill,
  logged,
  pair,
  range,
  sent,
  serve,
  texts,
  turns,
} = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };

describe('end', () => {
  test('after end() the other direction continues; when both have ended, both close', options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    const log = [];
    logged(a, 'a ', log);
    logged(b, 'b ', log);
    const both = Promise.all([closed(a), closed(b)]);
    a.end('question', () => log.push('a end()'));
    await once(b, 'end');
    assert.deepStrictEqual([a.closed, b.closed], [false, false]);
    await sent(b, 'answer');
    await eventually(() => log.includes('a data answer'));
    b.end(() => log.push('b end()'));
    await both;
    assert.deepStrictEqual(
      log.filter((line) => line.startsWith('a')),
      ['a end()', 'a data answer', 'a end', 'a close'],
    );
    const ofB = log.filter((line) => line.startsWith('b'));
    assert.deepStrictEqual(ofB.slice(0, 2), ['b data question', 'b end']);
    assert.deepStrictEqual(ofB.slice(2).sort(), ['b close', 'b end()']);
    assert.deepStrictEqual([a.destroyed, b.destroyed], [true, true]);
  });

  test(
    '_state() returns 1 when open, 2 while end() is pending, 3 after shutdown, 5 when closed',
    options,
    async (t) => {
      const { client: a } = await connected(t);
      assert.strictEqual(a._state(), 1);
      const shut = new Promise((resolve) => a.on('_shutdown', resolve));
      a.end();
      assert.ok([2, 3].includes(a._state()));
      await shut;
      assert.strictEqual(a._state(), 3);
      a.destroy();
      assert.strictEqual(a._state(), 5);
    },
  );

  test('each callback of end() runs once', options, async (t) => {
    const { client: a } = await connected(t);
    const called = [];
    const last = new Promise((resolve) => {
      a.end(() => called.push(1));
      a.end(() => called.push(2));
      a.end();
      a.end(() => resolve(called.push(3)));
    });
    await last;
    await new Promise((resolve) => a.end(() => resolve(called.push(4))));
    assert.deepStrictEqual(called, [1, 2, 3, 4]);
  });

  test("queued messages and the message of end() arrive before 'end'", options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    b.pause();
    const count = fill(a, 1000);
    const order = [];
    for (const i of range(100)) a.write(String(i), (_err) => order.push(i));
    a.end(['the', ' end'], () => order.push('end'));
    const got = texts(b, count + 101);
    const end = once(b, 'end');
    b.resume();
    assert.deepStrictEqual((await got).slice(count), [...range(100).map(String), 'the end']);
    b.on('data', () => assert.fail('more'));
    await end;
    await eventually(() => order.length === 101);
    assert.deepStrictEqual(order, [...range(100), 'end']);
  });

  test("corked messages arrive before 'end'", options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    a.cork();
    for (const i of range(5)) a.write(String(i));
    a.end('last');
    assert.deepStrictEqual(await texts(b, 6), ['0', '1', '2', '3', '4', 'last']);
    b.on('data', () => assert.fail('more'));
    await once(b, 'end');
  });

  test('write() after end() fails and sends nothing; the socket still receives', options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    a.end('last');
    const error = await failure(a, () => a.write('late', (err) => a.emit('error', err)));
    assert.strictEqual(typeof error.code, 'string');
    assert.deepStrictEqual(await texts(b, 1), ['last']);
    b.on('data', () => assert.fail('more'));
    await once(b, 'end');
    assert.strictEqual(a.closed, false);
    await sent(b, 'still');
    assert.deepStrictEqual(await texts(a, 1), ['still']);
  });

  test("end() on both sockets at once: both get the message, 'end' and 'close'", options, async (t) => {
    for (const _ of range(20)) {
      const [a, b] = pair(t, 'seqpacket');
      const logs = [logged(a), logged(b)];
      const both = Promise.all([closed(a), closed(b)]);
      a.end('from a');
      b.end('from b');
      await both;
      assert.deepStrictEqual(logs, [
        ['data from b', 'end', 'close'],
        ['data from a', 'end', 'close'],
      ]);
    }
  });
});

/** The argument of a callback that is called once, after its call has returned. */
function told(call) {
  return new Promise((resolve) => {
    let calls = 0;
    call((...args) => {
      assert.strictEqual(++calls, 1);
      assert.strictEqual(args.length, 1);
      resolve(args[0]);
    });
    assert.strictEqual(calls, 0);
  });
}

describe('the callback of end()', () => {
  const noError = (socket) => socket.on('error', (err) => assert.fail(err));

  test('gets null once the write side is shut down, also after that', options, async (t) => {
    const [a] = pair(t, 'seqpacket');
    noError(a);
    const calls = [told((cb) => a.end('last', cb)), told((cb) => a.end(cb)), told((cb) => a.end(undefined, cb))];
    assert.deepStrictEqual(await Promise.all(calls), [null, null, null]);
    assert.strictEqual(await told((cb) => a.end(cb)), null);
  });

  test('gets null after a message before it has failed alone', options, async (t) => {
    const [a] = pair(t, 'seqpacket');
    noError(a);
    const results = [told((cb) => a.write(Buffer.alloc(1 << 20), cb)), told((cb) => a.end(cb))];
    const [error, end] = await Promise.all(results);
    assert.deepStrictEqual([error.code, end], ['EMSGSIZE', null]);
  });

  test("gets the error of its message, which is no 'error' event", options, async (t) => {
    const [a] = pair(t, 'seqpacket');
    noError(a);
    assert.strictEqual((await told((cb) => a.end(Buffer.alloc(1 << 20), cb))).code, 'EMSGSIZE');
    assert.strictEqual(a._state(), 3);
    const late = told((cb) => a.end('late', cb));
    assert.strictEqual((await late).code, 'EPIPE');
    const [b, c] = pair(t, 'seqpacket');
    noError(b);
    c.destroy();
    assert.strictEqual((await told((cb) => b.end('bye', cb))).code, 'EPIPE');
    assert.strictEqual((await told((cb) => b.end(cb))).code, b.closed ? 'ERR_SOCKET_CLOSED' : 'EPIPE');
  });

  test("of a message without a callback: its error is emitted as 'error'", options, async (t) => {
    const [a] = pair(t, 'seqpacket');
    const error = once(a, 'error');
    a.end(Buffer.alloc(1 << 20));
    assert.strictEqual((await error)[0].code, 'EMSGSIZE');
  });

  test('gets the error of a connection that breaks while messages wait', options, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    const log = logged(a);
    fill(a);
    const calls = [told((cb) => a.write('x', cb)), told((cb) => a.end('last', cb)), told((cb) => a.end(cb))];
    b.destroy();
    for (const error of await Promise.all(calls)) assert.ok(['EPIPE', 'ECONNRESET'].includes(error.code), error);
    await closed(a);
    assert.deepStrictEqual(log, ['error ECONNRESET', 'close']);
    assert.strictEqual((await told((cb) => a.end(cb))).code, 'ECONNRESET');
    assert.strictEqual((await told((cb) => a.end('late', cb))).code, 'ECONNRESET');
  });

  test('gets ERR_SOCKET_CLOSED from a socket that is closed before or meanwhile', options, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    b.pause();
    fill(a);
    const waiting = told((cb) => a.end('last', cb));
    a.destroy();
    const calls = [waiting, told((cb) => a.end(cb)), told((cb) => a.end('late', cb))];
    for (const error of await Promise.all(calls)) assert.strictEqual(error.code, 'ERR_SOCKET_CLOSED');
    await closed(a);
    assert.strictEqual((await told((cb) => a.end(cb))).code, 'ERR_SOCKET_CLOSED');
  });

  test('gets the argument of destroy(err)', options, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    b.pause();
    const failed = new Error('failed');
    const log = logged(a);
    fill(a);
    const waiting = told((cb) => a.end(cb));
    a.destroy(failed);
    assert.strictEqual(await waiting, failed);
    assert.strictEqual(await told((cb) => a.end(cb)), failed);
    await closed(a);
    assert.deepStrictEqual(log, ['error failed', 'close']);
  });

  test('gets ENOTCONN from a socket that was never connected, which can still connect', options, async (t) => {
    const server = serve(t);
    const socket = closing(t, new lib.SeqpacketSocket());
    noError(socket);
    const error = await told((cb) => socket.end(cb));
    assert.deepStrictEqual([error.code, error.syscall], ['ENOTCONN', 'shutdown']);
    assert.strictEqual((await told((cb) => socket.end('x', cb))).code, 'ENOTCONN');
    socket.end();
    socket.connect(server.address());
    const [peer] = await once(server, 'connection');
    await sent(socket, 'x');
    assert.deepStrictEqual(await texts(closing(t, peer), 1), ['x']);
  });

  test('runs in the async context of end()', options, async (t) => {
    const storage = new AsyncLocalStorage();
    const [a] = pair(t, 'seqpacket');
    const store = (call) =>
      new Promise((resolve) => storage.run('context', () => call(() => resolve(storage.getStore()))));
    assert.strictEqual(await store((cb) => a.end('last', cb)), 'context');
    a.destroy();
    assert.strictEqual(await store((cb) => a.end(cb)), 'context');
  });
});

describe('allowHalfOpen', () => {
  test('false: this side ends after its queued messages, once the peer has ended', options, async (t) => {
    const server = serve(t, { socket: { allowHalfOpen: false } });
    const socket = client(t, server.address());
    const [peer] = await once(server, 'connection');
    const logs = [logged(closing(t, peer)), logged(socket)];
    socket.pause();
    const count = fill(peer);
    peer.on('end', () => peer.write('last')); // a listener can still write
    socket.end('bye');
    await once(peer, 'end');
    socket.resume();
    await Promise.all([closed(peer), closed(socket)]);
    assert.deepStrictEqual(logs[0], ['data bye', 'end', 'close']);
    assert.strictEqual(logs[1].filter((line) => line.startsWith('data')).length, count + 1);
    assert.deepStrictEqual(logs[1].slice(-3), ['data last', 'end', 'close']);
    assert.strictEqual(server.connections, 0);
  });

  test('false: of a client, of a pair, and of an adopted descriptor', options, async (t) => {
    const server = serve(t);
    const socket = closing(t, new lib.SeqpacketSocket({ allowHalfOpen: false }));
    socket.connect(server.address());
    const [peer] = await once(server, 'connection');
    const [a, b] = pair(t, 'seqpacket', { allowHalfOpen: false });
    for (const [each, other] of [
      [socket, closing(t, peer)],
      [a, b],
    ]) {
      const both = Promise.all([closed(each), closed(other)]);
      for (const one of [each, other]) one.on('data', () => {});
      other.end();
      await both;
    }
  });

  test('false: a socket without a listener ends', options, async (t) => {
    const [a, b] = pair(t, 'seqpacket', { allowHalfOpen: false });
    b.on('data', () => {});
    b.end();
    await closed(b);
    await eventually(() => a.closed);
  });

  test('true, the default: this side stays open', options, async (t) => {
    for (const socketOptions of [undefined, {}, { allowHalfOpen: true }]) {
      const [a, b] = pair(t, 'seqpacket', socketOptions);
      a.on('data', () => {});
      b.end();
      await once(a, 'end');
      await turns();
      assert.strictEqual(a._state(), 1);
      await sent(a, 'still');
    }
  });

  test('of another type throws', options, () => {
    assert.throws(() => new lib.SeqpacketSocket({ allowHalfOpen: 1 }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => new lib.SeqpacketServer().listen({ path: '\0x', socket: { allowHalfOpen: 'no' } }), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });
});

describe('when the peer closes', () => {
  test("its messages are delivered, then 'end' and 'close' are emitted", options, async (t) => {
    const { server, client: a, peer: b } = await connected(t);
    const log = logged(b);
    for (const i of range(3)) await sent(a, String(i));
    a.destroy();
    await closed(b);
    assert.deepStrictEqual(log, ['data 0', 'data 1', 'data 2', 'end', 'close']);
    assert.strictEqual(server.connections, 0);
  });

  test('with unread messages: its last messages are delivered, then ECONNRESET, then close', options, async (t) => {
    const server = serve(t);
    const child = python(
      t,
      `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
sys.stdin.readline()
for i in range(3): s.send(b'last %d' % i)
s.close()
print('gone')`,
      [server.address()],
    );
    const [peer] = await once(server, 'connection');
    closing(t, peer).pause();
    const log = logged(peer);
    await sent(peer, 'unread');
    child.send('go\n');
    await child.line();
    peer.resume();
    await closed(peer);
    assert.deepStrictEqual(log, ['data last 0', 'data last 1', 'data last 2', 'error ECONNRESET', 'close']);
  });

  test("because it was killed: its messages are delivered, then 'end' and 'close' are emitted", options, async (t) => {
    const server = serve(t);
    const child = python(
      t,
      'import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1]); s.send(b"x"); sys.stdin.read()',
      [server.address()],
    );
    const [peer] = await once(server, 'connection');
    const log = logged(closing(t, peer));
    await once(peer, 'data');
    child.kill();
    await closed(peer);
    assert.deepStrictEqual(log, ['data x', 'end', 'close']);
  });

  test('while messages are queued: each callback gets an error, in order', options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    b.pause();
    a.on('error', () => {});
    fill(a);
    const order = [];
    const done = range(50).map((i) => sent(a, String(i)).catch((err) => order.push([i, typeof err.code])));
    b.destroy();
    await Promise.all(done);
    assert.deepStrictEqual(
      order,
      range(50).map((i) => [i, 'string']),
    );
    await closed(a);
  });

  test('a later write() passes an error to its callback and raises no SIGPIPE', options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    a.pause();
    a.on('error', () => {});
    b.destroy();
    await closed(b);
    await assert.rejects(sent(a, 'x'), (err) => ['EPIPE', 'ECONNRESET', 'ERR_SOCKET_CLOSED'].includes(err.code));
    a.resume().on('data', () => {});
    await closed(a);
  });

  test("without having accepted: 'error' with ECONNRESET of connect, then 'close'", options, async (t) => {
    const server = serve(t);
    const socket = client(t, server.address());
    const log = [];
    socket.on('error', (err) => log.push([err.code, err.syscall, /EBADF/.test(err.message)]));
    socket.on('data', () => {});
    server.close();
    await closed(socket);
    assert.deepStrictEqual(log, [['ECONNRESET', 'connect', true]]);
  });
});
