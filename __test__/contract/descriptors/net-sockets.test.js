'use strict';
// Sockets and servers of net pass from one process to another: getFd(), then net.Socket({ fd }) or listen({ fd }).

const { test } = require('node:test');
const assert = require('node:assert');
const { fork } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const tls = require('node:tls');
const { deadline, once, openFds, runChild, sockPath } = require('../../helpers');
const { openFile } = require('../../helpers/files');
const { lib } = require('../../helpers/lib');
const { messages, pair, range } = require('../../helpers/sockets');
const { assertSameBytes, body, readAll } = require('../../helpers/streams');

const options = { timeout: deadline };
const WORKER = require.resolve('../../fixtures/net-sockets-worker');

/** A server that listens on a port of 127.0.0.1, or at a path. */
async function listening(t, onConnection, where = { port: 0, host: '127.0.0.1' }) {
  const server = net.createServer({ pauseOnConnect: true }, onConnection).listen(where);
  t.after(() => server.close());
  await once(server, 'listening');
  return server;
}

const to = (server) => {
  const address = server.address();
  return typeof address === 'string' ? { path: address } : { port: address.port, host: address.address };
};

/** A process that serves the sockets it gets: { socket, child }. */
function worker(t) {
  const [socket, theirs] = pair(t, 'seqpacket', { receiveFds: true });
  const child = fork(WORKER, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc', theirs.fd] });
  theirs.destroy();
  t.after(() => child.kill('SIGKILL'));
  return { socket, child };
}

/** Sends a question. Resolves to what comes back. */
async function ask(server, question) {
  const client = net.connect(to(server));
  client.end(question);
  return readAll(client);
}

for (const [kind, where] of [
  ['TCP', () => undefined],
  ['unix', (t) => ({ path: sockPath(t) })],
]) {
  test(
    `${kind} connections that one process accepts are served by others, which know their pid`,
    options,
    async (t) => {
      const workers = [worker(t), worker(t)];
      let next = 0;
      const server = await listening(
        t,
        (connection) => {
          const { socket } = workers[next++ % 2];
          socket.write('connection', { fds: [lib.getFd(connection)] }, () => connection.destroy());
        },
        where(t),
      );
      const answers = await Promise.all(range(40).map((i) => ask(server, `question ${i} `)));
      const pids = answers.map((answer, i) => {
        const [, question, pid] = /^(question \d+) from (\d+)$/.exec(answer);
        assert.strictEqual(question, `question ${i}`);
        return Number(pid);
      });
      assert.deepStrictEqual(new Set(pids), new Set(workers.map(({ child }) => child.pid)));
      for (const { socket, child } of workers) {
        const exit = once(child, 'exit');
        socket.end();
        assert.deepStrictEqual(await exit, [0, null]);
      }
    },
  );
}

test('bytes that the client sent before the connection was passed arrive, 5 MB of them', options, async (t) => {
  const { socket } = worker(t);
  const server = await listening(t);
  const connecting = once(server, 'connection');
  const client = net.connect(to(server));
  const question = body(5e6);
  client.end(question);
  const answer = readAll(client);
  const [connection] = await connecting;
  socket.write('echo', { fds: [lib.getFd(connection)] });
  connection.destroy(); // the message has a duplicate
  assertSameBytes(await answer, question);
});

test('a listening server passes to another process, which serves the next client', options, async (t) => {
  const { socket, child } = worker(t);
  const server = await listening(t, () => assert.fail('accepted by the first process'));
  const where = to(server);
  socket.write('server', { fds: [lib.getFd(server)] });
  server.close();
  await once(child, 'message'); // it listens
  const client = net.connect(where);
  client.end('hello ');
  assert.strictEqual(String(await readAll(client)), `hello from ${child.pid}`);
});

test('getFd() returns the descriptor, which the socket keeps', options, async (t) => {
  const server = await listening(t);
  const connection = once(server, 'connection');
  const client = net.connect(to(server));
  const [peer] = await connection;
  await once(client, 'connect');
  const fds = [server, client, peer].map(lib.getFd);
  assert.strictEqual(new Set(fds).size, 3);
  for (const fd of fds) assert.ok(fs.fstatSync(fd).isSocket());
  client.resume();
  peer.end('still works');
  await once(client, 'end');
});

test('getFd() of a socket without a descriptor throws ERR_SOCKET_CLOSED', options, async (t) => {
  const server = await listening(t, (connection) => connection.destroy());
  const client = net.connect(to(server)).resume();
  await once(client, 'close');
  const closed = net.createServer().listen(0);
  await once(closed.close(), 'close');
  for (const socket of [client, closed, new net.Socket(), net.createServer()]) {
    assert.throws(() => lib.getFd(socket), { name: 'Error', code: 'ERR_SOCKET_CLOSED' });
  }
});

test('getFd() refuses TLS connections and what is no socket of net', options, () => {
  assert.throws(() => lib.getFd(new tls.TLSSocket(new net.Socket())), { code: 'ERR_INVALID_ARG_VALUE' });
  for (const value of [undefined, null, 3, 'socket', {}, { _handle: { fd: 1 } }, new lib.SeqpacketServer()]) {
    assert.throws(() => lib.getFd(value), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  }
});

test(
  'getFd() of a server in a cluster worker throws, of its connections it returns a descriptor',
  options,
  async (t) => {
    const { code, stdout, stderr } = await runChild(t, () => {
      const cluster = require('node:cluster');
      const net = require('node:net');
      if (cluster.isPrimary) {
        cluster.fork();
        return;
      }
      const server = net.createServer((connection) => {
        console.log(lib.getFd(connection) > 2);
        connection.destroy();
        process.exit();
      });
      server.listen(0, '127.0.0.1', () => {
        try {
          lib.getFd(server);
        } catch (err) {
          console.log(err.code);
        }
        net.connect(server.address().port, '127.0.0.1').on('error', () => {});
      });
    });
    assert.deepStrictEqual({ code, stdout, stderr }, { code: 0, stdout: 'ERR_SOCKET_CLOSED\ntrue\n', stderr: '' });
  },
);

test('net.Socket refuses a received descriptor of a file, which the receiver then closes', options, async (t) => {
  const [socket, peer] = pair(t, 'seqpacket', { receiveFds: true });
  const file = openFile(t);
  const before = openFds();
  socket.write('no socket', { fds: [file] });
  const [{ info }] = await messages(peer, 1);
  const [fd] = info.fds;
  assert.throws(() => new net.Socket({ fd, readable: true, writable: true }), { code: 'ERR_INVALID_FD_TYPE' });
  lib.closeFd(fd);
  assert.strictEqual(openFds(), before);
});
