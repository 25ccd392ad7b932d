'use strict';
// SeqpacketServer#listen({ fd }): descriptors that another process or socket has bound.

const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const { deadline, once, sockPath } = require('../../helpers');
const { start } = require('../../helpers/processes');
const { client, closing, messages, newServer, pair, sent, serve, texts } = require('../../helpers/sockets');
const { root } = require('../../helpers/lib');

const options = { timeout: deadline };

test('a listening descriptor is adopted with the connections in its backlog', options, async (t) => {
  const first = serve(t);
  const [a, b] = pair(t, 'seqpacket', { receiveFds: true });
  await sent(a, 'the server', { fds: [first.fd] });
  const [{ info }] = await messages(b, 1);
  const early = client(t, first.address());
  first.close(); // before it could accept
  const second = serve(t, { fd: info.fds[0] });
  assert.strictEqual(second.fd, info.fds[0]);
  assert.strictEqual(second.address(), early.remoteAddress());
  const [peer] = await once(second, 'connection');
  closing(t, peer);
  await sent(early, 'hello');
  assert.deepStrictEqual(await texts(peer, 1), ['hello']);
});

test('descriptor 3 of socket activation is adopted, whether bound or listening', options, async (t) => {
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

test('descriptors of other kinds make listen() throw and stay open', options, async (t) => {
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
