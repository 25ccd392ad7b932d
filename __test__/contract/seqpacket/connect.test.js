'use strict';
// SeqpacketSocket#connect(): retries while the backlog is full, timeouts, abort signals, errors. Its callback is in
// connect-callback.test.js.

const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { deadline, once, eventually, openFds, sockPath, tmp } = require('../../helpers');
const { full } = require('../../helpers/full-backlog');
const {
  client,
  closed,
  closing,
  connected,
  failure,
  logged,
  messages,
  node,
  range,
  sent,
  serve,
  texts,
  turns,
} = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };
const newSocket = (t, socketOptions) => closing(t, new lib.SeqpacketSocket(socketOptions));

test('2,000 clients that connect at once to a server with backlog 16 are all accepted', {
  timeout: 2 * deadline,
}, async (t) => {
  const path = sockPath(t);
  const server = node(t, countingServer, { path });
  assert.strictEqual(await server.line(), 'listening');
  const before = openFds();
  const clients = range(2000).map((i) => {
    const socket = client(t, { path, timeout: 30000 }); // long enough for a slow machine
    socket.write(String(i)); // before 'connect'
    return socket;
  });
  await Promise.all(clients.map((socket) => once(socket, 'connect')));
  assert.ok(clients.every((socket) => !socket.connecting));
  const seen = JSON.parse(await server.line());
  assert.deepStrictEqual(
    seen.sort((a, b) => a - b),
    range(2000),
  );
  await Promise.all(clients.map((socket) => once(socket.destroy(), 'close')));
  await eventually(() => openFds() === before);
});

/** Runs in a separate process. Prints the numbers that the clients sent. */
function countingServer() {
  const server = new lib.SeqpacketServer();
  const seen = [];
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      if (seen.push(Number(data)) === 2000) console.log(JSON.stringify(seen));
    });
  });
  server.listen(args.path, 16, () => console.log('listening'));
}

test(
  "connect() to a full backlog connects when there is room; write() and end() are allowed before 'connect'",
  options,
  async (t) => {
    const { path, child } = await full(t);
    const socket = newSocket(t);
    const events = [];
    for (const event of ['connect', 'error', 'close']) socket.on(event, () => events.push(event));
    socket.connect(path, () => events.push('callback'));
    assert.strictEqual(socket.connecting, true);
    assert.strictEqual(socket.write('early'), true);
    socket.end();
    await turns();
    assert.deepStrictEqual(events, []);
    const connect = once(socket, 'connect');
    child.send('accept\n');
    await connect;
    assert.strictEqual(socket.connecting, false);
    assert.strictEqual(await child.line(), 'early');
    assert.deepStrictEqual(events, ['connect', 'callback']);
  },
);

test("connect() with a timeout emits 'error' with EAGAIN or ETIMEDOUT, then 'close'", options, async (t) => {
  const { path } = await full(t);
  const before = openFds();
  for (const timeout of [1, 50]) {
    const socket = newSocket(t);
    socket.connect({ path, timeout });
    assert.strictEqual(socket.connecting, true);
    const close = once(socket, 'close', { signal: AbortSignal.timeout(deadline) }).catch(() => once(socket, 'close'));
    const [error] = await once(socket, 'error');
    assert.ok(['EAGAIN', 'ETIMEDOUT'].includes(error.code), error.code);
    assert.deepStrictEqual([error.syscall, error.path], ['connect', path]);
    await close;
    assert.deepStrictEqual([socket.connecting, socket.destroyed], [false, true]);
    assert.strictEqual(openFds(), before);
  }
});

test('connect() with timeout 0 fails at once with EAGAIN if the backlog is full', options, async (t) => {
  const { path } = await full(t);
  const socket = newSocket(t);
  const error = await failure(socket, () => socket.connect({ path, timeout: 0 }));
  assert.deepStrictEqual([error.code, error.syscall, error.path], ['EAGAIN', 'connect', path]);
  assert.strictEqual(socket.connecting, false);
  assert.strictEqual(socket.destroyed, true);
  const { path: free } = serveWith(t);
  newSocket(t).connect({ path: free, timeout: 0 }); // does not fail, because the backlog has room
});

const serveWith = (t) => ({
  path: serve(t)
    .on('connection', (peer) => closing(t, peer))
    .address(),
});

test('an abort signal stops connect() with an AbortError', options, async (t) => {
  const { path } = await full(t);
  for (const when of ['before', 'while']) {
    const controller = new AbortController();
    const socket = newSocket(t);
    if (when === 'before') controller.abort();
    const error = failure(socket, () => socket.connect({ path, signal: controller.signal }));
    if (when === 'while') controller.abort();
    const { name, code } = await error;
    assert.deepStrictEqual([name, code], ['AbortError', 'ABORT_ERR']);
    await eventually(() => socket.destroyed);
  }
});

test('the abort signal of connect() closes the connection later on, with one AbortError', options, async (t) => {
  const server = serve(t);
  for (const both of [false, true]) {
    const [first, second] = [new AbortController(), new AbortController()];
    const socket = newSocket(t, both ? { signal: first.signal } : {});
    const log = logged(socket);
    socket.connect({ path: server.address(), signal: second.signal });
    const [peer] = await once(server, 'connection');
    closing(t, peer);
    await sent(socket, 'x');
    second.abort();
    first.abort();
    await closed(socket);
    await turns();
    assert.deepStrictEqual(log, ['connect', 'error ABORT_ERR', 'close']);
  }
});

test('a closed connection leaves no listener on the abort signals', options, async (t) => {
  const { path } = serveWith(t);
  const counts = { added: 0, removed: 0 };
  const signal = {
    aborted: false,
    addEventListener: () => counts.added++,
    removeEventListener: () => counts.removed++,
  };
  const socket = newSocket(t, { signal });
  socket.connect({ path, signal });
  await once(socket, 'connect');
  assert.deepStrictEqual(counts, { added: 2, removed: 0 });
  socket.destroy();
  assert.deepStrictEqual(counts, { added: 2, removed: 2 });
});

test("the timeout of connect() does not depend on the system's clock", options, async (t) => {
  const { path } = await full(t);
  const { now } = Date;
  t.after(() => {
    Date.now = now;
  });
  const started = process.hrtime.bigint();
  const socket = newSocket(t);
  socket.connect({ path, timeout: 100 });
  Date.now = () => now() + 1e9;
  await once(socket, 'error');
  assert.ok(process.hrtime.bigint() - started >= 90000000n);
  const other = newSocket(t);
  other.connect({ path, timeout: 100 });
  Date.now = () => now() - 1e9;
  await once(other, 'error');
});

test('a server that ends while the socket is connecting: ECONNREFUSED or ENOENT', options, async (t) => {
  for (const unlink of [false, true]) {
    const { path, child } = await full(t);
    const socket = newSocket(t);
    socket.connect(path);
    const error = once(socket, 'error');
    if (unlink) fs.unlinkSync(path);
    child.kill();
    const [{ code, syscall }] = await error;
    assert.ok(code === 'ECONNREFUSED' || (unlink && code === 'ENOENT'), code);
    assert.strictEqual(syscall, 'connect');
  }
});

test('connect() to a path without a seqpacket server throws and closes the socket', options, async (t) => {
  const folder = tmp(t);
  fs.writeFileSync(`${folder}/file`, '');
  const datagram = closing(t, new lib.DgramSocket());
  datagram.bind(`${folder}/dgram`);
  const dead = closing(t, new lib.SeqpacketServer()).listen(`${folder}/dead`);
  dead.close();
  await once(dead, 'close');
  const before = openFds();
  for (const [name, code] of [
    ['missing', 'ENOENT'],
    ['file', 'ECONNREFUSED'],
    ['dead', 'ECONNREFUSED'],
    ['dgram', 'EPROTOTYPE'],
    ['file/below', 'ENOTDIR'],
  ]) {
    const path = `${folder}/${name}`;
    for (const target of [path, { path }, Buffer.from(path)]) {
      const socket = newSocket(t);
      const close = once(socket, 'close');
      const message = new RegExp(`^connect ${code}: .+, ${path}$`);
      assert.throws(() => socket.connect(target), { code, syscall: 'connect', path, message }, name);
      assert.deepStrictEqual([socket.destroyed, socket.connecting, socket._state()], [true, false, 5]);
      await close;
      assert.throws(() => socket.connect(target), {
        code: 'ERR_SOCKET_CLOSED',
        message: /SeqpacketSocket has been destroyed/,
      });
    }
  }
  assert.strictEqual(openFds(), before);
});

test('a second connect() throws EISCONN and does not affect the connection', options, async (t) => {
  const { client: socket, peer, path } = await connected(t);
  assert.throws(() => socket.connect(path), { code: 'EISCONN' });
  assert.throws(() => socket.connect(`${path}-missing`), { code: 'EISCONN' });
  await sent(socket, 'x');
  assert.deepStrictEqual(await texts(peer, 1), ['x']);
  const waiting = newSocket(t);
  waiting.connect((await full(t)).path);
  assert.throws(
    () => waiting.connect(path),
    (err) => typeof err.code === 'string',
  );
  assert.strictEqual(waiting.connecting, true);
  assert.throws(() => peer.connect(path), { code: 'EISCONN' }); // also on an accepted socket
});

test('invalid options of connect() throw, and the socket can connect afterwards', options, (t) => {
  const { path } = serveWith(t);
  const socket = newSocket(t);
  for (const bad of [{ path, timeout: '1' }, { path, signal: {} }, { path, signal: 1 }, { timeout: 5 }, {}, null, 7]) {
    assert.throws(() => socket.connect(bad), { code: 'ERR_INVALID_ARG_TYPE' }, JSON.stringify(bad));
  }
  for (const timeout of [-1, 1.5, NaN, 2 ** 32 + 3]) {
    assert.throws(() => socket.connect({ path, timeout }), { code: 'ERR_OUT_OF_RANGE' }, String(timeout));
  }
  assert.throws(() => socket.connect(path, 'cb'), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.strictEqual(socket.destroyed, false);
  socket.connect(path);
});

test("'connect' and then the callback follow once, after connect() has returned", options, async (t) => {
  const { path } = serveWith(t);
  for (const target of [path, { path }, { path, timeout: 1000 }]) {
    const order = [];
    const socket = newSocket(t).on('connect', () => order.push('event'));
    socket.connect(target, () => order.push('callback'));
    order.push('returned');
    await once(socket, 'connect');
    await turns();
    assert.deepStrictEqual(order, ['returned', 'event', 'callback']);
  }
});

test("messages written before 'connect' arrive in order, before later messages", options, async (t) => {
  const server = serve(t);
  const socket = newSocket(t);
  socket.connect(server.address());
  for (const i of range(500)) socket.write(String(i));
  socket.on('connect', () => socket.end('last'));
  const [peer] = await once(server, 'connection');
  closing(t, peer);
  const got = (await messages(peer, 501)).map(({ data }) => data.toString());
  assert.deepStrictEqual(got, [...range(500).map(String), 'last']);
});
