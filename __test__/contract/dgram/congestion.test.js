'use strict';
// Datagrams to peers that do not read are queued: none is lost or reordered, no CPU is used, others continue.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { deadline, once, eventually, openFds, python, sockPath } = require('../../helpers');
const {
  dgram,
  fill,
  node,
  numbered,
  numbers,
  pair,
  post,
  queued,
  range,
  sent,
  texts,
  turns,
} = require('../../helpers/sockets');

const options = { timeout: deadline };

/** A bound socket that is paused. */
const idle = (t, path = sockPath(t)) => dgram(t, path, { paused: true });

/** Sends messages 0..n-1. Resolves to [number, error code or null] of each callback, in the order of the calls. */
function outcomes(socket, n, ...to) {
  return new Promise((resolve) => {
    const got = [];
    for (const i of range(n)) {
      post(socket, numbered(i), ...to, (err) => {
        if (got.push([i, err ? err.code : null]) === n) resolve(got);
      });
    }
  });
}

const allSent = (n) => range(n).map((i) => [i, null]);

test('5,000 messages sent at once to a slow reader arrive in order', options, async (t) => {
  const peer = idle(t);
  const socket = dgram(t);
  const done = outcomes(socket, 5000, peer.address());
  const got = numbers(peer, 5000);
  await turns();
  peer.resume();
  assert.deepStrictEqual(await got, range(5000));
  assert.deepStrictEqual(await done, allSent(5000));
  assert.strictEqual(socket.writableLength, 0);
});

test(
  "send() returns false when the destination is full; 'drain' follows when the queue is empty",
  options,
  async (t) => {
    const peer = idle(t);
    const socket = dgram(t, undefined, { writableHighWaterMark: queued(4, 1000) });
    let count = fill(socket, 1000, peer.address());
    while (socket.send(numbered(count++), peer.address()));
    assert.ok(socket.writableNeedDrain);
    assert.strictEqual(socket.writableLength, queued(4, 1000));
    const drain = once(socket, 'drain');
    const got = numbers(peer, count);
    peer.resume();
    await drain;
    assert.strictEqual(socket.writableNeedDrain, false);
    assert.deepStrictEqual(await got, range(count));
  },
);

test('the caller may overwrite its Buffer when send() has returned', options, async (t) => {
  const peer = idle(t);
  const socket = dgram(t);
  const buffer = Buffer.alloc(1000);
  for (const i of range(200)) {
    buffer.writeUInt32LE(i);
    socket.send(buffer, peer.address());
    buffer.fill(0xff);
  }
  const got = numbers(peer, 200);
  peer.resume();
  assert.deepStrictEqual(await got, range(200));
});

test('a full destination does not delay other destinations or receiving', options, async (t) => {
  const socket = dgram(t, sockPath(t));
  const stuck = range(10).map(() => idle(t));
  const short = (i) => numbered(i, 8); // ten full queues of these leave room in the send buffer
  for (const peer of stuck) for (const i of range(50)) socket.send(short(i), peer.address());
  const free = dgram(t, sockPath(t));
  const echo = dgram(t, sockPath(t));
  echo.on('data', (data, path) => echo.send(data, path));
  for (const i of range(200)) {
    socket.send(short(i), free.address());
    socket.send(short(i), echo.address());
  }
  const [toFree, echoed] = await Promise.all([numbers(free, 200), numbers(socket, 200)]);
  assert.deepStrictEqual(toFree, range(200));
  assert.deepStrictEqual(echoed, range(200));
  for (const peer of stuck.reverse()) {
    const got = numbers(peer, 50);
    peer.resume();
    assert.deepStrictEqual(await got, range(50));
  }
});

test(
  'descriptors used for full destinations are closed when these read, and when the socket closes',
  options,
  async (t) => {
    const socket = dgram(t);
    const peers = range(20).map(() => idle(t));
    const before = openFds();
    const done = Promise.all(peers.map((peer) => outcomes(socket, 50, peer.address())));
    const got = peers.map((peer) => numbers(peer, 50));
    for (const peer of peers) peer.resume();
    for (const outcome of await done) assert.deepStrictEqual(outcome, allSent(50));
    await Promise.all(got);
    await eventually(() => openFds() <= before, 'no more descriptors than before');
    for (const peer of peers) {
      peer.pause();
      for (const i of range(50)) socket.send(numbered(i), peer.address());
    }
    socket.close();
    await once(socket, 'close');
    await eventually(() => openFds() < before, 'no descriptor of the closed socket');
  },
);

test('close() with queued messages: each callback gets ERR_SOCKET_CLOSED, in order', options, async (t) => {
  const peer = idle(t);
  const socket = dgram(t);
  const sentBefore = fill(socket, 1000, peer.address()) - 1;
  const done = outcomes(socket, 100, peer.address());
  const close = once(socket, 'close');
  socket.close();
  assert.deepStrictEqual(
    await done,
    range(100).map((i) => [i, 'ERR_SOCKET_CLOSED']),
  );
  await close;
  const got = numbers(peer, sentBefore);
  peer.resume();
  assert.deepStrictEqual(await got, range(sentBefore));
});

test(
  'a full destination that closes: queued messages fail with ECONNREFUSED; a new socket at its path gets new ones',
  options,
  async (t) => {
    const path = sockPath(t);
    const peer = idle(t, path);
    const socket = dgram(t);
    socket.on('error', () => {}); // for the messages without a callback
    fill(socket, 1000, path);
    const done = outcomes(socket, 100, path);
    peer.close();
    for (const [i, [number, code]] of (await done).entries())
      assert.deepStrictEqual([number, code], [i, 'ECONNREFUSED']);
    assert.strictEqual(socket.closed, false);
    await assert.rejects(sent(socket, 'x', path), { code: 'ECONNREFUSED' });
    fs.unlinkSync(path);
    await assert.rejects(sent(socket, 'x', path), { code: 'ENOENT' });
    const back = idle(t, path);
    const again = outcomes(socket, 100, path);
    const got = numbers(back, 100);
    back.resume();
    assert.deepStrictEqual(await got, range(100));
    assert.deepStrictEqual(await again, allSent(100));
  },
);

test(
  "a full connected peer that closes: 'error' with ECONNREFUSED, then connect() to another peer works",
  options,
  async (t) => {
    const peer = idle(t);
    const socket = dgram(t);
    socket.connect(peer.address());
    fill(socket);
    const done = outcomes(socket, 100);
    const error = once(socket, 'error'); // for the message that filled the queue, which has no callback
    peer.close();
    assert.strictEqual((await error)[0].code, 'ECONNREFUSED');
    for (const [, code] of await done) assert.strictEqual(typeof code, 'string');
    const next = dgram(t, sockPath(t));
    socket.connect(next.address());
    await sent(socket, 'x');
    assert.deepStrictEqual(await texts(next, 1), ['x']);
  },
);

test('a full destination whose path gets another socket: each message arrives or fails', options, async (t) => {
  const path = sockPath(t);
  const old = idle(t, path);
  const socket = dgram(t);
  const done = outcomes(socket, 300, path);
  fs.unlinkSync(path);
  const next = dgram(t, path);
  let arrived = 0;
  const count = () => arrived++;
  next.on('data', count);
  old.on('data', count);
  old.resume();
  const success = (await done).filter(([, code]) => code === null).length;
  await eventually(() => arrived >= success, 'every message that succeeded');
  await turns();
  assert.strictEqual(arrived, success);
});

test('a full destination that is connected to the sender gets every message', options, async (t) => {
  const socket = dgram(t, sockPath(t));
  const peer = idle(t);
  peer.connect(socket.address());
  const done = outcomes(socket, 500, peer.address());
  const got = numbers(peer, 500);
  peer.resume();
  assert.deepStrictEqual(await got, range(500));
  assert.deepStrictEqual(await done, allSent(500));
});

test('a full destination that connects to another socket: queued messages fail with EPERM', options, async (t) => {
  const socket = dgram(t, sockPath(t));
  const peer = idle(t);
  const elsewhere = dgram(t, sockPath(t));
  const accepted = fill(socket, 1000, peer.address()) - 1;
  socket.on('error', () => {}); // the message that filled the queue has no callback
  const done = outcomes(socket, 50, peer.address());
  peer.connect(elsewhere.address());
  const got = numbers(peer, accepted); // connect() does not discard received messages
  peer.resume();
  assert.deepStrictEqual(
    await done,
    range(50).map((i) => [i, 'EPERM']),
  );
  assert.deepStrictEqual(await got, range(accepted));
});

const READER = `import os, signal, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound')
os.kill(os.getpid(), signal.SIGSTOP)
for i in range(int(sys.argv[2])):
    data = s.recv(300000)
    assert int.from_bytes(data[:4], 'little') == i, i
print('read')`;

/** Each case sends `count` messages to `readers` processes that are stopped. */
const stoppedPeers = {
  unconnected: { size: 1000, count: 300 },
  connected: { size: 1000, count: 300, connect: true },
  'several at once': { size: 1000, count: 100, readers: 5 },
  'the send buffer is full, not the queues of the peers': { size: 100000, count: 12, readers: 3 },
  'a reader connected to the sender': { size: 1000, count: 300, reversed: true },
};

describe('queued messages use no CPU while a peer is stopped', { concurrency: true }, () => {
  for (const [name, { size, count, connect, reversed, readers = 1 }] of Object.entries(stoppedPeers)) {
    test(name, options, async (t) => {
      const paths = range(readers).map(() => sockPath(t));
      const own = sockPath(t);
      const source = reversed ? READER.replace("print('bound')", "s.connect(sys.argv[3]); print('bound')") : READER;

      // The sender is a separate process, so that its CPU time can be measured. It is bound before the readers start.
      const sender = node(t, congestedSender, { paths, own, size, count, connect });
      await sender.line();
      const peers = paths.map((path) => python(t, source, [path, count, own]));
      for (const peer of peers) assert.strictEqual(await peer.line(), 'bound');
      await Promise.all(peers.map((peer) => eventually(() => isStopped(peer.pid), 'a stopped peer')));
      sender.send('go');

      const { queued, cpuMs, overMs } = JSON.parse(await sender.line());
      assert.ok(queued > 0);
      assert.ok(cpuMs < overMs * 0.05, `${cpuMs} ms of CPU in ${overMs} ms`);
      for (const peer of peers) peer.kill('SIGCONT');
      for (const peer of peers) assert.strictEqual(await peer.line(), 'read');
      assert.deepStrictEqual(JSON.parse(await sender.line()), { called: count * readers, failed: [] });
      sender.end();
      assert.deepStrictEqual((await sender.done).code, 0);
    });
  }
});

const isStopped = (pid) => /^\d+ \(.*\) T /.test(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'));

/** Runs in a separate process. */
async function congestedSender() {
  const socket = new lib.DgramSocket();
  socket.bind(args.own);
  console.log('ready');
  await new Promise((resolve) => process.stdin.once('data', resolve));

  if (args.connect) socket.connect(args.paths[0]);
  const result = { called: 0, failed: [] };
  for (const path of args.paths) {
    const to = args.connect ? [] : [path];
    for (let i = 0; i < args.count; i++) {
      const message = Buffer.alloc(args.size);
      message.writeUInt32LE(i);
      socket.send(message, ...to, (err) => {
        result.called++;
        if (err) result.failed.push(err.message);
        if (result.called === args.count * args.paths.length) finish();
      });
    }
  }

  await new Promise((resolve) => setTimeout(resolve, 200)); // for work that follows the first calls
  const from = process.cpuUsage();
  const start = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const { user, system } = process.cpuUsage(from);
  const measured = { queued: socket.writableLength, cpuMs: (user + system) / 1000, overMs: Date.now() - start };
  console.log(JSON.stringify(measured));

  function finish() {
    console.log(JSON.stringify(result));
    socket.close();
  }
}

test('a pair with both directions full: every message arrives when both read', options, async (t) => {
  const [a, b] = pair(t, 'dgram', { paused: true });
  const sentA = outcomes(a, 300);
  const sentB = outcomes(b, 300);
  const got = [numbers(a, 300), numbers(b, 300)];
  a.resume();
  b.resume();
  for (const numbersGot of await Promise.all(got)) assert.deepStrictEqual(numbersGot, range(300));
  for (const outcome of await Promise.all([sentA, sentB])) assert.deepStrictEqual(outcome, allSent(300));
});
