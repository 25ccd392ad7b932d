'use strict';
// SeqpacketServer: the options of listen(), limits, adoption, shortage of descriptors. Its file: socket-file.test.js.

const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const { deadline, once, collect, eventually, openFds, runChild, sockPath, tmp } = require('../../helpers');
const { start } = require('../../helpers/processes');
const {
  client,
  closing,
  connected,
  messages,
  node,
  pair,
  range,
  sent,
  serve,
  texts,
  turns,
} = require('../../helpers/sockets');
const { lib, root } = require('../../helpers/lib');

const options = { timeout: deadline };
const newServer = (t, ...args) => closing(t, new lib.SeqpacketServer(...args));

test(
  'the forms of listen(): synchronous, returns the server, then "listening" and the callback once',
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

test('listen() throws on failure and can be called again after it', options, async (t) => {
  const server = newServer(t);
  const missing = `${tmp(t)}/missing/s`;
  const before = openFds();
  const error = { code: 'ENOENT', syscall: 'bind', path: missing, message: /^bind ENOENT: .+, .*missing/ };
  for (const args of [[missing], [{ path: missing }]]) assert.throws(() => server.listen(...args), error);
  const taken = serve(t).address();
  assert.throws(() => server.listen(taken), { code: 'EADDRINUSE', syscall: 'bind', path: taken });
  assert.strictEqual(openFds(), before + 1); // the other server's
  assert.strictEqual(server.listening, false);
  server.listen(sockPath(t));
  const connection = once(server, 'connection');
  client(t, server.address());
  closing(t, (await connection)[0]);
  assert.throws(() => server.listen(sockPath(t)), Error); // it listens already
  assert.strictEqual(server.listening, true);
});

test('bad options of listen() are refused before anything happens', options, (t) => {
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

test('options for accepted sockets', options, async (t) => {
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

test('a listening descriptor is adopted, queued connections too', options, async (t) => {
  const first = serve(t);
  const [a, b] = pair(t, 'seqpacket', { receiveFds: true });
  await sent(a, 'the server', { fds: [first.fd] });
  const [{ info }] = await messages(b, 1);
  const early = client(t, first.address());
  first.close(); // before it looked
  const second = serve(t, { fd: info.fds[0] });
  assert.strictEqual(second.fd, info.fds[0]);
  assert.strictEqual(second.address(), early.remoteAddress());
  const [peer] = await once(second, 'connection');
  closing(t, peer);
  await sent(early, 'hello');
  assert.deepStrictEqual(await texts(peer, 1), ['hello']);
});

test('descriptor 3, bound or listening, as socket activation gives it', options, async (t) => {
  for (const listening of [true, false]) {
    const path = sockPath(t);
    const script = `const server = new (require(${JSON.stringify(root)}).SeqpacketServer)();
      server.listen({ fd: 3 }, () => console.log(server.address()));
      server.on('connection', (socket) => socket.on('data', (data) => socket.end(data)));`;
    const launcher = `import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1])
if sys.argv[2] == 'true': s.listen()
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.execv(sys.argv[3], [sys.argv[3], '-e', sys.argv[4]])`;
    const child = start(t, 'python3', ['-c', launcher, path, String(listening), process.execPath, script]);
    assert.strictEqual(await child.line(), path);
    const socket = client(t, path);
    await sent(socket, 'ping');
    assert.deepStrictEqual(await texts(socket, 1), ['ping']);
  }
});

test('descriptors that do not fit are left untouched', options, async (t) => {
  const stream = net.createServer().listen(sockPath(t));
  t.after(() => stream.close());
  const file = fs.openSync(__filename, 'r');
  t.after(() => fs.closeSync(file));
  const [datagram] = pair(t, 'dgram');
  const [connection] = pair(t, 'seqpacket');
  const server = newServer(t);
  for (const fd of [stream._handle.fd, file, datagram.fd, connection.fd]) {
    assert.throws(
      () => server.listen({ fd }),
      (err) => typeof err.code === 'string',
      String(fd),
    );
    fs.fstatSync(fd);
  }
  assert.throws(() => server.listen({ fd: 19999 }), { code: 'EBADF' });
  server.listen(sockPath(t));
});

test('maxConnections, connections and droppedConnections', options, async (t) => {
  const server = serve(t, {}, { maxConnections: 2 });
  assert.deepStrictEqual([server.maxConnections, server.connections, server.droppedConnections], [2, 0, 0]);
  const peers = [];
  server.on('connection', (peer) => peers.push(closing(t, peer)));
  const kept = [client(t, server.address()), client(t, server.address())];
  await eventually(() => peers.length === 2);
  assert.strictEqual(server.connections, 2);
  for (const i of range(3)) {
    const refused = client(t, server.address());
    refused.on('data', () => {});
    await once(refused, 'end');
    assert.deepStrictEqual([peers.length, server.connections, server.droppedConnections], [2, 2, i + 1]);
  }
  const close = once(peers[0], 'close');
  kept[0].destroy();
  peers[0].resume().on('data', () => {});
  await close;
  assert.strictEqual(server.connections, 1);
  client(t, server.address());
  await eventually(() => peers.length === 3);
  assert.strictEqual(server.connections, 2);
  server.maxConnections = 3;
  client(t, server.address());
  await eventually(() => peers.length === 4);
  assert.deepStrictEqual([server.connections, server.droppedConnections], [3, 3]);
  assert.strictEqual(newServer(t).maxConnections, Infinity);
});

test(
  'close() stops accepting and keeps the connections; again, and with callbacks, is harmless',
  options,
  async (t) => {
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
  },
);

test("'close' comes once, also for a server that never listened", options, async (t) => {
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

test('signal closes the server', options, async (t) => {
  const controller = new AbortController();
  const server = serve(t, { signal: controller.signal });
  server.on('error', (err) => assert.strictEqual(err.name, 'AbortError'));
  const close = once(server, 'close').catch(() => once(server, 'close'));
  controller.abort();
  await close;
  assert.strictEqual(server.closed, true);
});

test('unref() lets the process end, ref() keeps it', options, async (t) => {
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

test('all that wait are accepted, in order', options, async (t) => {
  const server = serve(t);
  const connections = collect(server, 'connection', 300);
  const clients = range(300).map(() => client(t, server.address()));
  const peers = (await connections).map(([peer]) => closing(t, peer));
  assert.strictEqual(server.connections, 300);
  await Promise.all(clients.map((socket, i) => sent(socket, String(i))));
  for (const [i, peer] of peers.entries()) assert.deepStrictEqual(await texts(peer, 1), [String(i)]);
});

test(
  'no descriptors left: one error an episode, other sockets live, accepting resumes by itself',
  options,
  async (t) => {
    const path = sockPath(t);
    const child = node(t, serverShortOfDescriptors, { path }, { prefix: ['prlimit', '--nofile=48:48'] });
    assert.strictEqual(await child.line(), 'listening');
    const ask = async (command) => {
      child.send(`${command}\n`);
      return JSON.parse(await child.line());
    };
    for (const _ of range(2)) {
      const told = (await ask('state')).codes.length;
      // The kernel lets more in than the server can accept.
      const clients = range(80).map(() => client(t, path));
      for (const socket of clients) socket.on('error', () => {}).on('data', () => {});
      await Promise.all(clients.map((socket) => socket.connecting && once(socket, 'connect')));
      await eventually(async () => (await ask('state')).codes.length > told);
      const { cpuMs, overMs, ...state } = await ask('measure');
      assert.ok(
        state.codes.every((code) => code === 'EMFILE'),
        state.codes.join(),
      );
      assert.strictEqual(state.more, 0); // as long as nothing changes, nothing is said
      assert.ok(state.connections > 5 && state.connections < 80, String(state.connections));
      assert.strictEqual(state.echoed, true); // a pair of the server's process goes on
      assert.ok(cpuMs < overMs * 0.1, `${cpuMs} ms of CPU in ${overMs} ms`);
      for (const socket of clients) socket.destroy();
      await eventually(async () => (await ask('state')).connections === 0);
      const late = client(t, path);
      await sent(late, 'hello');
      assert.deepStrictEqual(await texts(late, 1), ['hello']);
      late.destroy();
      await eventually(async () => (await ask('state')).connections === 0);
    }
  },
);

/** Runs in a process of its own: a server and a pair, asked by lines on standard input. */
function serverShortOfDescriptors() {
  const server = new lib.SeqpacketServer();
  const [a, b] = lib.createSocketPair('dgram');
  b.on('data', (data) => b.send(data));
  const codes = [];
  server.on('error', (err) => codes.push(err.code));
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => socket.write(data, (_err) => {}));
    socket.on('end', () => socket.destroy());
  });
  server.listen({ path: args.path, backlog: 200 }, () => console.log('listening'));

  const state = () => ({ codes, connections: server.connections });
  const commands = {
    state,
    async measure() {
      const before = codes.length;
      const from = process.cpuUsage();
      const since = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { user, system } = process.cpuUsage(from);
      const overMs = Date.now() - since;
      const more = codes.length - before;
      const echo = new Promise((resolve) => a.once('data', resolve));
      a.send('x');
      return { ...state(), echoed: String(await echo) === 'x', more, cpuMs: (user + system) / 1000, overMs };
    },
  };
  process.stdin.setEncoding('utf8').on('data', async (line) => {
    console.log(JSON.stringify(await commands[line.trim()]()));
  });
}
