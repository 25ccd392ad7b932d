'use strict';
// SeqpacketServer: close(), abort signals, ref() and unref().

const { test } = require('node:test');
const assert = require('node:assert');
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

test('an abort signal closes the server', options, async (t) => {
  const controller = new AbortController();
  const server = serve(t, { signal: controller.signal });
  server.on('error', (err) => assert.strictEqual(err.name, 'AbortError'));
  const close = once(server, 'close').catch(() => once(server, 'close'));
  controller.abort();
  await close;
  assert.strictEqual(server.closed, true);
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
