'use strict';
// Hostile and broken peers: the process survives, memory and descriptors are bounded, other sockets continue.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { deadline, once, eventually, openFds, python, sockPath, tmp } = require('../helpers');
const {
  abstractName,
  closing,
  dgram,
  fill,
  messages,
  numbered,
  pair,
  queued,
  range,
  sent,
  serve,
  texts,
} = require('../helpers/sockets');
const { PEER, forMessages, pingPong, receivers } = require('../helpers/hostile');
const { lib } = require('../helpers/lib');

const options = { timeout: deadline };
const MB = 1 << 20;

for (const [type, receiver] of Object.entries(receivers)) {
  test(`${type}: a flood of messages: timers and other sockets continue, every message arrives`, options, async (t) => {
    const flood = `
s = connect()
wait()
for i in range(30000): s.send(b'%d' % i)`;
    const { child, receiver: socket } = await receiver(t, flood);
    const stop = pingPong(t);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    t.after(() => clearInterval(timer));
    child.send('go\n');
    await forMessages(socket, 30000, (data, _info, i) => {
      if (i % 1000 === 0) assert.strictEqual(data.toString(), String(i));
    });
    assert.ok(ticks > 10, `${ticks} timer ticks`);
    assert.ok(stop() > 10);
  });

  test(
    `${type}: a flood of messages without a listener: memory is bounded, other sockets continue`,
    options,
    async (t) => {
      const flood = `
s = connect()
s.setblocking(False)
n = 0
try:
    for i in range(20000): s.send(b'x' * 10000); n += 1
except BlockingIOError: pass
print(n)
wait()`;
      const before = process.memoryUsage().rss;
      const stop = pingPong(t);
      const { child, receiver: socket } = await receiver(t, flood);
      const took = Number(await child.line());
      assert.ok(took * 10000 < 4 * MB, `${took} messages taken`); // in the kernel and in the process
      const [a, b] = pair(t, type);
      await sent(a, 'x');
      await messages(b, 1);
      assert.ok(process.memoryUsage().rss - before < 64 * MB);
      stop();
      assert.strictEqual((await messages(socket, took)).length, took);
    },
  );

  test(
    `${type}: 500 messages of 200 kB, larger than the read buffer, are truncated; memory is bounded`,
    options,
    async (t) => {
      const large = `
s = connect()
for i in range(500): s.send(b'%06d' % i + b'x' * 200000)
print('sent')
wait()`;
      const { child, receiver: socket } = await receiver(t, large, { socket: { readBufferSize: 100 } });
      const before = process.memoryUsage().rss;
      await forMessages(socket, 500, (data, info, i) => {
        assert.deepStrictEqual([data.length, info.size, info.truncated], [100, 200006, true]);
        assert.strictEqual(Number(data.toString('latin1', 0, 6)), i);
      });
      assert.ok(process.memoryUsage().rss - before < 64 * MB);
      assert.strictEqual(await child.line(), 'sent');
    },
  );
}

test('3,000 half-closed connections stay open until the peer dies, then all close', options, async (t) => {
  const server = serve(t);
  const before = openFds();
  let ended = 0;
  let closes = 0;
  server.on('connection', (peer) => {
    closing(t, peer);
    peer.on('data', () => {});
    peer.on('end', () => ended++).on('close', () => closes++);
    peer.on('error', () => {});
  });
  const halfOpen = `
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
all = []
for i in range(3000):
    s = connect()
    s.shutdown(socket.SHUT_WR)
    all.append(s)
print('open')
wait()`;
  const child = python(t, PEER + halfOpen, [server.address(), 'SOCK_SEQPACKET']);
  assert.strictEqual(await child.line(), 'open');
  await eventually(() => ended === 3000, '3,000 ends');
  assert.deepStrictEqual([server.connections, closes], [3000, 0]);
  const [a, b] = pair(t, 'seqpacket');
  await sent(a, 'x');
  assert.deepStrictEqual(await texts(b, 1), ['x']);
  for (const socket of [a, b]) socket.close();
  child.kill();
  await eventually(() => closes === 3000 && server.connections === 0, '3,000 closes');
  await eventually(() => openFds() === before, 'as many descriptors as before');
});

test('2,000 connections that the peer closes at once leave no descriptor open', options, async (t) => {
  const server = serve(t);
  const before = openFds();
  let seen = 0;
  server.on('connection', (peer) => {
    seen++;
    peer.on('error', () => {});
    peer.on('end', () => peer.end());
    peer.write('hello', (_err) => {});
  });
  const source = `
for i in range(2000): connect().close()
print('done')`;
  assert.strictEqual(await python(t, PEER + source, [server.address(), 'SOCK_SEQPACKET']).line(), 'done');
  await eventually(() => seen === 2000 && server.connections === 0 && openFds() === before, 'every connection closed');
});

test('2,000 senders with different names all get a reply', options, async (t) => {
  const socket = dgram(t, sockPath(t));
  socket.on('data', (data, path) => socket.send(`re: ${data}`, path));
  const source = `
for i in range(2000):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind('\\0%s-%d' % (args[0], i))
    s.connect(path)
    s.send(b'%d' % i)
    assert s.recv(100) == b're: %d' % i, i
    s.close()
print('done')`;
  const child = python(t, PEER + source, [socket.address(), 'SOCK_DGRAM', abstractName().slice(1)]);
  assert.strictEqual(await child.line(), 'done', (await Promise.race([child.done, {}])).stderr);
});

test(
  'a stopped peer: the queue stays within maxQueuedBytes, others continue; it continues, or is killed',
  options,
  async (t) => {
    const source = `
import signal
s = connect()
print('connected')
os.kill(os.getpid(), signal.SIGSTOP)
n = 0
while s.recv(5000): n += 1
print(n)`;
    for (const fate of ['SIGCONT', 'SIGKILL']) {
      const server = serve(t, { socket: { maxQueuedBytes: queued(100, 1000) } });
      const child = python(t, PEER + source, [server.address(), 'SOCK_SEQPACKET']);
      const [peer] = await once(server, 'connection');
      closing(t, peer).on('error', () => {});
      await eventually(() => fs.readFileSync(`/proc/${child.pid}/stat`, 'latin1').includes(') T '), 'a stopped peer');
      let accepted = fill(peer);
      const outcomes = range(1000).map((i) =>
        sent(peer, numbered(i)).then(
          () => accepted++,
          (err) => err.code,
        ),
      );
      assert.ok(peer.writableLength <= queued(100, 1000));
      assert.strictEqual(peer.droppedMessages, 1000 - 99);
      const [a, b] = pair(t, 'seqpacket');
      await sent(a, 'x');
      assert.deepStrictEqual(await texts(b, 1), ['x']);
      child.kill(fate);
      const codes = (await Promise.all(outcomes)).filter((outcome) => typeof outcome === 'string');
      if (fate === 'SIGCONT') {
        assert.deepStrictEqual(codes, Array(901).fill('ENOBUFS'));
        assert.strictEqual(await child.line(), 'connected');
        peer.end();
        assert.strictEqual(Number(await child.line()), accepted);
      } else {
        assert.strictEqual(codes.length, 1000);
        peer.on('data', () => {});
        await eventually(() => peer.closed);
      }
    }
  },
);

describe('the socket file is replaced between two calls', () => {
  const replacements = {
    nothing: [() => {}, 'ENOENT'],
    'a file': [(_t, path) => fs.writeFileSync(path, 'x'), 'ECONNREFUSED'],
    'a folder': [(_t, path) => fs.mkdirSync(path), 'ECONNREFUSED'],
    'a dangling link': [(_t, path) => fs.symlinkSync('nothing', path), 'ENOENT'],
    'a link to itself': [(_t, path) => fs.symlinkSync(path, path), 'ELOOP'],
    'a dead socket': [(t, path) => dgram(t, path).close(), 'ECONNREFUSED'],
    'a stream socket': [
      (t, path) =>
        require('node:net')
          .createServer()
          .listen(path, function () {
            t.after(() => this.close());
          }),
      'EPROTOTYPE',
    ],
  };

  test(
    'send() fails with the error of the replacement; a later socket at the path gets messages',
    options,
    async (t) => {
      const path = sockPath(t);
      const sender = dgram(t);
      for (const [name, [replace, code]] of Object.entries(replacements)) {
        const receiver = dgram(t, path);
        await sent(sender, name, path);
        assert.deepStrictEqual(await texts(receiver, 1), [name]);
        receiver.close();
        fs.unlinkSync(path);
        replace(t, path);
        await eventually(() => name === 'nothing' || fs.lstatSync(path, { throwIfNoEntry: false }));
        await assert.rejects(sent(sender, 'x', path), { code }, name);
        fs.rmSync(path, { recursive: true, force: true });
      }
      const last = dgram(t, path);
      await sent(sender, 'still', path);
      assert.deepStrictEqual(await texts(last, 1), ['still']);
    },
  );

  test('connect() throws the error of the replacement; the earlier connection continues', options, async (t) => {
    for (const [name, [replace, code]] of Object.entries(replacements)) {
      const path = sockPath(t);
      const server = closing(t, new lib.SeqpacketServer()).listen(path);
      const connection = once(server, 'connection');
      const before = closing(t, new lib.SeqpacketSocket());
      before.connect(path);
      const [peer] = await connection;
      closing(t, peer);
      fs.unlinkSync(path);
      replace(t, path);
      await eventually(() => name === 'nothing' || fs.lstatSync(path, { throwIfNoEntry: false }));
      const after = closing(t, new lib.SeqpacketSocket());
      assert.throws(
        () => after.connect(path),
        (err) => err.code === code || (name === 'a dead socket' && err.code === 'EPROTOTYPE'),
        name,
      );
      await sent(before, name);
      assert.deepStrictEqual(await texts(peer, 1), [name]);
    }
  });

  test('send() to a renamed folder fails with ENOENT and works after it is renamed back', options, async (t) => {
    const folder = `${tmp(t)}/f`;
    fs.mkdirSync(folder);
    const receiver = dgram(t, `${folder}/s`);
    const sender = dgram(t);
    await sent(sender, '1', `${folder}/s`);
    fs.renameSync(folder, `${folder}-moved`);
    await assert.rejects(sent(sender, 'x', `${folder}/s`), { code: 'ENOENT' });
    await sent(sender, '2', `${folder}-moved/s`);
    fs.renameSync(`${folder}-moved`, folder);
    await sent(sender, '3', `${folder}/s`);
    assert.deepStrictEqual(await texts(receiver, 3), ['1', '2', '3']);
  });
});
