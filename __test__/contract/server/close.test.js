'use strict';
// SeqpacketServer: close(), abort signals, ref() and unref().

const { test } = require('node:test');
const assert = require('node:assert');
const events = require('node:events');
const { deadline, once, eventually, runChild, sockPath } = require('../../helpers');
const { closing, connected, newServer, sent, serve, texts, turns } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };

test('close() stops accepting and keeps connections open; a second close() has no effect', options, async (t) => {
  const { server, client: socket, peer, path } = await connected(t);
  let called = 0;
  server.close(() => called++);
  server.close();
  assert.deepStrictEqual([server.listening, server.closed], [false, true]);
  assert.strictEqual(called, 0);
  assert.throws(() => closing(t, new lib.SeqpacketSocket()).connect(path), { code: 'ECONNREFUSED' });
  await sent(socket, 'still');
  assert.deepStrictEqual(await texts(peer, 1), ['still']);
  for (const each of [socket, peer]) each.destroy();
  await eventually(() => called === 1);
  server.close();
  assert.throws(() => server.listen(sockPath(t)), {
    code: 'ERR_SOCKET_CLOSED',
    message: /SeqpacketServer has been closed/,
  });
  assert.throws(() => server.address(), { code: 'ERR_SOCKET_CLOSED' });
  assert.strictEqual(server.ref(), server);
  assert.strictEqual(server.unref(), server);
});

test("close() emits 'close' once, also if the server never listened", options, async (t) => {
  for (const server of [newServer(t), serve(t)]) {
    let closes = 0;
    server.on('close', () => closes++);
    server.close();
    server.close();
    await once(server, 'close');
    await turns();
    assert.strictEqual(closes, 1);
  }
});

test("an aborted signal closes the server without an 'error', as that of net.Server does", options, async (t) => {
  for (const when of ['before listen()', 'later', 'in a listening callback']) {
    const controller = new AbortController();
    if (when === 'before listen()') controller.abort();
    const server = newServer(t);
    const log = [];
    for (const event of ['error', 'listening', 'close']) server.on(event, () => log.push(event));
    server.listen({ path: sockPath(t), signal: controller.signal }, () => {
      if (when === 'in a listening callback') controller.abort();
    });
    const close = once(server, 'close');
    if (when === 'later') {
      await once(server, 'listening');
      controller.abort();
    }
    await close;
    assert.strictEqual(server.closed, true);
    assert.deepStrictEqual(log, when === 'before listen()' ? ['close'] : ['listening', 'close'], when);
    assert.strictEqual(events.getEventListeners(controller.signal, 'abort').length, 0);
  }
});

test('a listen() that fails leaves no listener on the signal, and the server can listen again', options, async (t) => {
  const { signal } = new AbortController();
  const taken = serve(t).address();
  const server = newServer(t);
  for (const bad of [{ path: taken }, { path: `${taken}/missing` }, { fd: 19999 }]) {
    assert.throws(() => server.listen({ ...bad, signal }), { syscall: /./ });
  }
  assert.strictEqual(events.getEventListeners(signal, 'abort').length, 0);
  const throws = new Error('from the signal');
  const hostile = { aborted: false, removeEventListener() {} };
  hostile.addEventListener = () => {
    throw throws;
  };
  const path = sockPath(t);
  assert.throws(() => server.listen({ path, signal: hostile }), throws);
  assert.deepStrictEqual([server.closed, server.listening], [false, false]);
  server.listen({ path, signal });
  assert.strictEqual(events.getEventListeners(signal, 'abort').length, 1);
});

test('unref() lets the process exit, ref() keeps it alive', options, async (t) => {
  for (const [calls, alive] of [
    ['', true],
    ['.unref()', false],
    ['.unref().ref()', true],
  ]) {
    const { code, stdout } = await runChild(
      t,
      `new lib.SeqpacketServer().listen('\\0nus-ref-' + process.pid)${calls};
       setTimeout(() => { console.log('alive'); process.exit(); }, 200).unref();`,
    );
    assert.deepStrictEqual([code, stdout], [0, alive ? 'alive\n' : '']);
  }
});
