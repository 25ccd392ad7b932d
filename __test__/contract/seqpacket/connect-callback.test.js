'use strict';
// The callback of SeqpacketSocket#connect(), and destroy() while the socket is connecting.

const { describe, test } = require('node:test');
const { AsyncLocalStorage } = require('node:async_hooks');
const assert = require('node:assert');
const { deadline, once, openFds, sockPath } = require('../../helpers');
const { full } = require('../../helpers/full-backlog');
const { closing, sent, serve, told, turns } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };
const newSocket = (t, socketOptions) => closing(t, new lib.SeqpacketSocket(socketOptions));

const serveWith = (t) => ({
  path: serve(t)
    .on('connection', (peer) => closing(t, peer))
    .address(),
});

test("destroy() while connecting emits 'close' without 'error' and closes the descriptor", options, async (t) => {
  const { path } = await full(t);
  const before = openFds();
  const socket = newSocket(t);
  const connect = told((cb) => socket.connect(path, cb));
  const lost = sent(socket, 'x');
  const close = once(socket, 'close');
  socket.destroy();
  await assert.rejects(lost, { code: 'ERR_SOCKET_CLOSED' });
  assert.strictEqual((await connect).code, 'ERR_SOCKET_CLOSED');
  await close;
  assert.strictEqual(openFds(), before);
});

describe('the callback of connect()', () => {
  test("gets null on success, also if the socket is destroyed in 'connect'", options, async (t) => {
    const { path } = serveWith(t);
    const socket = newSocket(t);
    assert.strictEqual(await told((cb) => socket.connect(path, cb)), null);
    const other = newSocket(t).on('connect', () => other.destroy());
    assert.strictEqual(await told((cb) => other.connect(path, cb)), null);
  });

  test(
    "gets the error if the server never accepts; no 'error' is emitted, messages fail with it",
    options,
    async (t) => {
      const { path } = await full(t);
      const socket = newSocket(t).on('error', () => assert.fail("'error'"));
      const close = once(socket, 'close');
      const connect = told((cb) => socket.connect({ path, timeout: 20 }, cb));
      const lost = sent(socket, 'x');
      const error = await connect;
      assert.deepStrictEqual([error.code, error.syscall, error.path], ['ETIMEDOUT', 'connect', path]);
      await assert.rejects(lost, error);
      await close;
      assert.strictEqual(await told((cb) => socket.end(cb)), error);
    },
  );

  test("gets the error if the server is closed meanwhile; no 'error' is emitted", options, async (t) => {
    const { path, child } = await full(t);
    const socket = newSocket(t).on('error', () => assert.fail("'error'"));
    const close = once(socket, 'close');
    const connect = told((cb) => socket.connect(path, cb));
    child.kill();
    assert.strictEqual((await connect).code, 'ECONNREFUSED');
    await close;
  });

  test("gets the AbortError of either signal; no 'error' is emitted", options, async (t) => {
    const { path } = await full(t);
    for (const when of ['before', 'while']) {
      for (const where of ['constructor', 'connect']) {
        const controller = new AbortController();
        const { signal } = controller;
        if (when === 'before') controller.abort();
        const socket = newSocket(t, where === 'constructor' ? { signal } : {}).on('error', () =>
          assert.fail("'error'"),
        );
        const close = once(socket, 'close');
        const connect = told((cb) => socket.connect(where === 'connect' ? { path, signal } : path, cb));
        if (when === 'while') controller.abort();
        assert.strictEqual((await connect).code, 'ABORT_ERR', `${when} ${where}`);
        await close;
      }
    }
  });

  test('gets the argument of destroy(err), which is emitted as well', options, async (t) => {
    for (const path of [(await full(t)).path, serveWith(t).path]) {
      const socket = newSocket(t);
      const failed = new Error('failed');
      const connect = told((cb) => socket.connect(path, cb));
      const error = once(socket, 'error');
      socket.destroy(failed);
      assert.strictEqual(await connect, failed);
      assert.strictEqual((await error)[0], failed);
    }
  });

  test('is not called if connect() throws', options, async (t) => {
    const socket = newSocket(t);
    assert.throws(() => socket.connect(sockPath(t), () => assert.fail('called')), { code: 'ENOENT' });
    const { path } = await full(t);
    const other = newSocket(t);
    assert.throws(() => other.connect({ path, timeout: 0 }, () => assert.fail('called')), { code: 'EAGAIN' });
    await turns();
  });

  test('runs in the async context of connect()', options, async (t) => {
    const storage = new AsyncLocalStorage();
    const { path } = await full(t);
    const socket = newSocket(t);
    const store = new Promise((resolve) => {
      storage.run('context', () => socket.connect(path, () => resolve(storage.getStore())));
    });
    socket.destroy();
    assert.strictEqual(await store, 'context');
  });
});
