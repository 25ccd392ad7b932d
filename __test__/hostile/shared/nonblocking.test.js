'use strict';
// Another process that shares a socket clears O_NONBLOCK, which belongs to the open file and not to the descriptor, or sets
// SO_PEEK_OFF: the event loop of this process continues.

const { test } = require('node:test');
const assert = require('node:assert');
const { deadline, sockPath } = require('../../helpers');
const { separate } = require('./separate');

const options = { timeout: deadline, skip: process.platform !== 'linux' && 'Linux only' };
const CLEARS = 'import os; os.set_blocking(3, True)';

test('a server accepts, and the event loop continues between connections', options, async (t) => {
  const got = await separate(t, accepts, { path: sockPath(t), program: CLEARS });
  assert.deepStrictEqual(got, ['0', '1', '2']);
});

async function accepts({ share, turns, done }) {
  const server = new lib.SeqpacketServer();
  const got = [];
  let accepted = 0;
  server.on('connection', (peer) => {
    accepted++;
    peer.on('data', (data) => got.push(String(data)));
  });
  server.listen(args.path);
  share(server.fd, args.program);
  for (let i = 0; i < 3; i++) {
    const client = new lib.SeqpacketSocket();
    client.connect(args.path);
    while (accepted === i) await turns(1);
    await turns(5); // no connection waits
    client.write(String(i));
    while (got.length === i) await turns(1);
  }
  done(got);
}

const COMPETITOR = `
import os, select, socket
s = socket.socket(fileno=0)
s.setblocking(True)
poll = select.poll()
poll.register(0, select.POLLIN)
parent = os.getppid()
print('ready', flush=True)
while os.getppid() == parent:
    if not poll.poll(1000): continue
    try: s.accept()[0].close()
    except BlockingIOError: pass`;

test(
  'a server whose connections another process accepts, too, does not wait for the next connection',
  options,
  async (t) => {
    const { accepted, longest } = await separate(t, competes, { path: sockPath(t), program: COMPETITOR });
    assert.ok(accepted > 0 && accepted < 3000, `accepted ${accepted} of 3000`);
    assert.ok(longest < 2000, `the event loop stopped for ${longest} ms`);
  },
);

async function competes({ done }) {
  const server = new lib.SeqpacketServer();
  let accepted = 0;
  server.on('connection', (peer) => {
    accepted++;
    peer.on('error', () => {});
    peer.destroy();
  });
  server.listen(args.path);
  const child = require('child_process').spawn('python3', ['-c', args.program], {
    stdio: [server.fd, 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  let [last, longest] = [performance.now(), 0];
  for (let i = 0; i < 3000; i++) {
    const client = new lib.SeqpacketSocket();
    client.on('error', () => {});
    client.connect(args.path);
    // One turn of the event loop, so that both processes wake up for one connection.
    await new Promise(setImmediate);
    client.destroy();
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  child.kill();
  done({ accepted, longest });
}

const FULL_SERVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1])
s.listen(0)
c = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
c.connect(sys.argv[1])
print('full', flush=True)
sys.stdin.readline()
s.accept()
s.accept()[0].send(b'accepted')
sys.stdin.readline()`;

test('connect() does not wait for a server whose backlog is full', options, async (t) => {
  const args = { path: sockPath(t), program: CLEARS, server: FULL_SERVER };
  assert.deepStrictEqual(await separate(t, connects, args), ['connect', 'data accepted']);
});

async function connects({ record, share, done }) {
  const server = require('child_process').spawn('python3', ['-c', args.server, args.path]);
  await new Promise((resolve) => server.stdout.once('data', resolve));
  const client = new lib.SeqpacketSocket();
  const log = record(client, 'connect', 'data', 'error', 'close');
  client.connect(args.path);
  share(client.fd, args.program); // after libuv has set O_NONBLOCK
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 5)); // further attempts to connect
  server.stdin.write('\n');
  client.once('data', () => done(log));
}

for (const type of ['seqpacket', 'dgram']) {
  for (const [what, size] of [
    ['small', 5000],
    ['large', 50000],
  ]) {
    test(`${type}: sending and receiving ${what} messages do not wait`, options, async (t) => {
      const { queued, received } = await separate(t, exchanges, { type, size, program: CLEARS });
      assert.ok(queued > 0);
      assert.strictEqual(received, 500);
    });
  }

  test(`${type}: SO_PEEK_OFF does not hide large messages`, options, async (t) => {
    const program = 'import socket; socket.socket(fileno=3).setsockopt(socket.SOL_SOCKET, 42, 10 ** 8)';
    const { queued, received } = await separate(t, exchanges, { type, size: 50000, program });
    assert.ok(queued > 0);
    assert.strictEqual(received, 500);
  });
}

async function exchanges({ share, turns, done }) {
  const [a, b] = lib.createSocketPair(args.type);
  for (const socket of [a, b]) share(socket.fd, args.program);
  let received = 0;
  b.on('data', () => received++);
  await turns(5); // there is nothing to receive
  for (let i = 0; i < 500; i++) (a.send || a.write).call(a, Buffer.alloc(args.size));
  const queued = a.writableLength;
  while (received < 500) await turns(1);
  await turns(5);
  done({ queued, received });
}
