'use strict';
// SeqpacketServer#listen(): argument forms, errors, options.

const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { deadline, once, openFds, sockPath, tmp } = require('../../helpers');
const { client, closing, connected, messages, newServer, sent, serve, turns } = require('../../helpers/sockets');

const options = { timeout: deadline };

test(
  "listen() listens at once and returns the server; 'listening' and the callback follow once, in every argument form",
  options,
  async (t) => {
    const forms = [
      (path, cb) => [path, 5, cb],
      (path) => [path, 5],
      (path) => [path],
      (path) => [Buffer.from(path)],
      (path) => [{ path }],
      (path) => [{ path: Buffer.from(path), backlog: 5 }],
      (path, cb) => [{ path, backlog: 5 }, cb],
    ];
    for (const form of forms) {
      const server = newServer(t);
      const path = sockPath(t);
      let called = 0;
      let emitted = 0;
      server.on('listening', () => emitted++);
      assert.strictEqual(server.listening, false);
      const args = form(path, () => called++);
      assert.strictEqual(server.listen(...args), server);
      assert.deepStrictEqual([server.listening, called, emitted], [true, 0, 0]);
      assert.strictEqual(server.address(), path);
      assert.ok(server.fd > 2);
      await once(server, 'listening');
      await turns();
      assert.deepStrictEqual([called, emitted], [typeof args[args.length - 1] === 'function' ? 1 : 0, 1]);
      const connection = once(server, 'connection');
      const socket = client(t, path);
      await once(socket, 'connect');
      closing(t, (await connection)[0]);
    }
  },
);

test('listen() throws if it fails and can be called again afterwards', options, async (t) => {
  const server = newServer(t);
  const missing = `${tmp(t)}/missing/s`;
  const before = openFds();
  const error = { code: 'ENOENT', syscall: 'bind', path: missing, message: /^bind ENOENT: .+, .*missing/ };
  for (const args of [[missing], [{ path: missing }]]) assert.throws(() => server.listen(...args), error);
  const taken = serve(t).address();
  assert.throws(() => server.listen(taken), { code: 'EADDRINUSE', syscall: 'bind', path: taken });
  assert.strictEqual(openFds(), before + 1); // the descriptor of the other server
  assert.strictEqual(server.listening, false);
  server.listen(sockPath(t));
  const connection = once(server, 'connection');
  client(t, server.address());
  closing(t, (await connection)[0]);
  assert.strictEqual(server.listening, true);
});

test('listen() on a listening server throws ERR_SERVER_ALREADY_LISTEN, as net.Server does', options, (t) => {
  const net = require('node:net').createServer().listen(sockPath(t));
  t.after(() => net.close());
  let expected;
  assert.throws(
    () => net.listen(sockPath(t)),
    (err) => {
      expected = { name: err.name, code: err.code, message: err.message };
      return err.code === 'ERR_SERVER_ALREADY_LISTEN';
    },
  );
  const server = serve(t);
  const { fd } = server;
  const path = sockPath(t);
  const trap = {
    get path() {
      again.listen(`${path}-first`);
      return path;
    },
  };
  const again = newServer(t);
  for (const call of [
    () => server.listen(path),
    () => server.listen({ path }),
    () => server.listen({ fd }),
    () => again.listen(trap),
  ]) {
    assert.throws(call, expected);
  }
  assert.deepStrictEqual([server.fd, server.listening, again.address()], [fd, true, `${path}-first`]);
  assert.strictEqual(fs.existsSync(path), false);
  server.close();
  assert.throws(() => server.listen(path), { code: 'ERR_SOCKET_CLOSED' });
});

test('invalid options of listen() throw and create no file', options, (t) => {
  const folder = tmp(t);
  const path = `${folder}/s`;
  const server = newServer(t);
  const wrongType = [
    { path, backlog: '5' },
    { path, mode: '600' },
    { path, unlinkStale: 1 },
    { path, unlinkOnClose: 'yes' },
    { path, socket: 7 },
    { path, socket: { readBufferSize: '1' } },
    { path, signal: {} },
    { path, signal: 7 },
    { fd: '3' },
    { path: 7 },
    null,
    undefined,
  ];
  for (const bad of wrongType) {
    assert.throws(() => server.listen(bad), { code: 'ERR_INVALID_ARG_TYPE' }, JSON.stringify(bad));
  }
  const outOfRange = [
    { path, backlog: -1 },
    { path, backlog: 1.5 },
    { path, mode: -1 },
    { path, mode: 0o10000 },
    { path, mode: NaN },
    { path, socket: { maxQueuedBytes: -1 } },
    { fd: -1 },
    { fd: 1.5 },
    { fd: 2 ** 32 },
  ];
  for (const bad of outOfRange) {
    assert.throws(() => server.listen(bad), { code: 'ERR_OUT_OF_RANGE' }, JSON.stringify(bad));
  }
  assert.throws(() => server.listen({}), { code: /^ERR_INVALID_ARG_/ });
  assert.throws(() => server.listen(path, 5, 'cb'), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.deepStrictEqual(fs.readdirSync(folder), []);
  for (const bad of [-1, 1.5, NaN]) {
    assert.throws(() => newServer(t, { maxConnections: bad }), { code: 'ERR_OUT_OF_RANGE' });
    assert.throws(() => Object.assign(server, { maxConnections: bad }), { code: 'ERR_OUT_OF_RANGE' });
  }
  assert.throws(() => newServer(t, { maxConnections: '1' }), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('the option `socket` applies to accepted sockets', options, async (t) => {
  const socketOptions = { writableHighWaterMark: 77, readBufferSize: 99, paused: true, receiveCredentials: true };
  const { client: socket, peer } = await connected(t, { listen: { socket: socketOptions } });
  assert.strictEqual(peer.writableHighWaterMark, 77);
  assert.strictEqual(peer.getInternalReadBufferSize(), 99);
  assert.strictEqual(peer.isPaused(), true);
  await sent(socket, 'x');
  const got = messages(peer, 1);
  peer.resume();
  assert.strictEqual((await got)[0].info.credentials.pid, process.pid);
});
