'use strict';
// The callback of SeqpacketSocket#end().

const { describe, test } = require('node:test');
const { AsyncLocalStorage } = require('node:async_hooks');
const assert = require('node:assert');
const { deadline, once } = require('../../helpers');
const { closed, closing, fill, logged, pair, sent, serve, texts, told } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };

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
