'use strict';

// Seqpacket connections with the socket module of Python as the peer.

const assert = require('node:assert');
const { SeqpacketServer, SeqpacketSocket } = require('../..');
const { collect, once, sockPath, tmp } = require('../helpers');
const { testWith } = require('./foreign');
const { peer } = require('./python');

const testPython = (name, body) => testWith('python3', `python, seqpacket: ${name}`, body);
const text = (buffer) => buffer.toString('latin1');

/** A server of this package with a Python client: [accepted socket, Python peer]. */
async function accepted(t, source, { path = sockPath(t), socket: options } = {}) {
  const server = new SeqpacketServer();
  t.after(() => server.close());
  server.listen({ path, socket: options });
  const python = peer(t, `s = seqpacket(args[0])\n${source}`, path);
  const [socket] = await once(server, 'connection');
  t.after(() => socket.destroy());
  return [socket, python];
}

/** A Python server with a client of this package: [client, Python peer]. */
async function connected(t, source, { path = sockPath(t), ...options } = {}) {
  const python = peer(t, `s = serve(args[0])\n${source}`, path);
  await python.hear();
  const socket = new SeqpacketSocket(options);
  t.after(() => socket.destroy());
  socket.connect(path);
  return [socket, python];
}

for (const [direction, open] of [
  ['python connects', accepted],
  ['python listens', connected],
]) {
  testPython(`${direction}: message boundaries, empty and large messages in both directions`, async (t) => {
    const [socket, python] = await open(
      t,
      `for message in (b'one', b'', b'three', b'', bytes(range(256)) * 800): s.send(message)
for i in range(5): say(s.recv(1 << 20))
say(s.recv(1))`,
    );
    const big = Buffer.alloc(256 * 800, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
    const got = (await collect(socket, 'data', 5)).map(([message]) => message);
    assert.deepStrictEqual(
      got.map((message) => message.length),
      [3, 0, 5, 0, big.length],
    );
    assert.deepStrictEqual([text(got[0]), text(got[2])], ['one', 'three']);
    assert.ok(got[4].equals(big));

    for (const message of ['', 'two', '', big, ['ga', Buffer.from('ther'), 'ed']]) socket.write(message);
    socket.end();
    const heard = [];
    for (let i = 0; i < 6; i++) heard.push((await python.hear())[0]);
    assert.deepStrictEqual(heard, ['', 'two', '', text(big), 'gathered', '']); // the last '' is end-of-file
    await python.succeeds();
  });

  testPython(`${direction}: after its shutdown, python still receives`, async (t) => {
    const [socket, python] = await open(
      t,
      `s.send(b'last words')
s.shutdown(socket.SHUT_WR)
say(s.recv(100)); say(s.recv(100)); say(s.recv(100))`,
    );
    const [[message]] = await Promise.all([once(socket, 'data'), once(socket, 'end')]);
    assert.strictEqual(text(message), 'last words');
    assert.strictEqual(socket.closed, false);
    socket.write('still here');
    socket.write('and gone');
    socket.end();
    await once(socket, 'close');
    assert.deepStrictEqual(
      [await python.hear(), await python.hear(), await python.hear()],
      [['still here'], ['and gone'], ['']],
    );
    await python.succeeds();
  });

  testPython(`${direction}: after end() the socket still receives`, async (t) => {
    const [socket, python] = await open(
      t,
      `while message := s.recv(100): say(message)
say('end'); s.send(b'after your end'); s.send(b''); s.send(b'done')`,
    );
    socket.write('a');
    socket.end('b');
    const closed = once(socket, 'close');
    const got = (await collect(socket, 'data', 3)).map(([message]) => text(message));
    assert.deepStrictEqual(got, ['after your end', '', 'done']);
    assert.deepStrictEqual([await python.hear(), await python.hear(), await python.hear()], [['a'], ['b'], ['end']]);
    await closed;
    await python.succeeds();
  });

  testPython(`${direction}: python closes with unread messages: its messages arrive, then ECONNRESET`, async (t) => {
    const [socket, python] = await open(t, `hear(); s.send(b'one'); s.send(b'two'); s.close()`);
    const events = [];
    socket.on('data', (message) => events.push(text(message)));
    socket.on('error', ({ code, errno, syscall }) => events.push({ code, errno, syscall: typeof syscall }));
    socket.on('end', () => events.push('end'));
    await new Promise((resolve) => socket.write('never read', resolve));
    python.send('\n');
    await new Promise((resolve) => socket.once('close', resolve)); // once() would reject on 'error'
    assert.deepStrictEqual(events, ['one', 'two', { code: 'ECONNRESET', errno: -104, syscall: 'string' }]);
    await python.succeeds();
  });

  testPython(`${direction}: destroy() with unread messages: python gets ECONNRESET`, async (t) => {
    const [socket, python] = await open(
      t,
      `s.send(b'never read'); say('sent'); hear()
try: s.recv(100)
except ConnectionResetError: say('reset')`,
      { paused: true, socket: { paused: true } },
    );
    await python.hear();
    socket.destroy();
    python.send('\n');
    assert.deepStrictEqual(await python.hear(), ['reset']);
    await python.succeeds();
  });

  testPython(`${direction}: an abstract name has its exact length`, async (t) => {
    const path = `\0nus-test-${process.pid}-${direction}`;
    const [socket, python] = await open(t, `s.send(s.getpeername() or s.getsockname()); say(s.recv(9))`, { path });
    const [name] = await once(socket, 'data');
    assert.strictEqual(text(name), path);
    assert.ok([socket.address(), socket.remoteAddress()].includes(path));
    socket.end('bye');
    assert.deepStrictEqual(await python.hear(), ['bye']);
    await python.succeeds();
  });

  testPython(`${direction}: a name that is not UTF-8 works`, async (t) => {
    const path = Buffer.concat([Buffer.from(`${tmp(t)}/`), Buffer.from([0xff, 0xfe, 0x41, 0x80])]);
    const [socket, python] = await open(t, `s.send(b'found'); say(s.recv(9))`, { path });
    const [message] = await once(socket, 'data');
    assert.strictEqual(text(message), 'found');
    socket.end('bye');
    assert.deepStrictEqual(await python.hear(), ['bye']);
    await python.succeeds();
  });

  testPython(`${direction}: 10,000 messages arrive in order in each direction, with backpressure`, async (t) => {
    const count = 10000;
    const [socket, python] = await open(
      t,
      `for i in range(${count}): s.send(b'%d' % i)
wrong = 0
for i in range(${count}):
    if s.recv(100) != b'%d' % i: wrong += 1
say(wrong)`,
    );
    const got = await collect(socket, 'data', count);
    assert.ok(got.every(([message], i) => text(message) === String(i)));
    for (let i = 0; i < count; i++) {
      if (!socket.write(String(i))) await once(socket, 'drain');
    }
    assert.deepStrictEqual(await python.hear(), [0]);
    await python.succeeds();
  });
}
