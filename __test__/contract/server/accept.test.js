'use strict';
// SeqpacketServer: accepting connections, limits, and running out of descriptors.

const { test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, collect, eventually, sockPath } = require('../../helpers');
const { client, closing, newServer, node, range, sent, serve, texts } = require('../../helpers/sockets');

const options = { timeout: deadline };

test('connections beyond maxConnections are closed and counted in droppedConnections', options, async (t) => {
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

test('300 waiting connections are accepted in order', options, async (t) => {
  const server = serve(t);
  const connections = collect(server, 'connection', 300);
  const clients = range(300).map(() => client(t, server.address()));
  const peers = (await connections).map(([peer]) => closing(t, peer));
  assert.strictEqual(server.connections, 300);
  await Promise.all(clients.map((socket, i) => sent(socket, String(i))));
  for (const [i, peer] of peers.entries()) assert.deepStrictEqual(await texts(peer, 1), [String(i)]);
});

test(
  "no free descriptors: one 'error', other sockets continue, accepting resumes when descriptors are free",
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
      // The kernel connects more clients than the server can accept.
      const clients = range(80).map(() => client(t, path));
      for (const socket of clients) socket.on('error', () => {}).on('data', () => {});
      await Promise.all(clients.map((socket) => socket.connecting && once(socket, 'connect')));
      await eventually(async () => (await ask('state')).codes.length > told);
      const { cpuMs, overMs, ...state } = await ask('measure');
      assert.ok(
        state.codes.every((code) => code === 'EMFILE'),
        state.codes.join(),
      );
      assert.strictEqual(state.more, 0); // no second error while the shortage lasts
      assert.ok(state.connections > 5 && state.connections < 80, String(state.connections));
      assert.strictEqual(state.echoed, true); // other sockets of that process continue
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

/** Runs in a separate process: a server and a pair. Answers commands from standard input, one a line. */
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
