'use strict';
// Socket names: abstract names, names picked by the kernel, names of 108 bytes, names that are not UTF-8.

const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { deadline, once, python, sockPath, tmp } = require('../../helpers');
const { abstractName, client, closing, dgram, messages, sent, serve, texts } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };
const linuxOnly = { ...options, skip: process.platform !== 'linux' && 'abstract names are a Linux feature' };
const MAX = 108;
const BAD_ARGUMENT = /^ERR_(INVALID_ARG_VALUE|INVALID_ARG_TYPE|OUT_OF_RANGE)$/;

/** A path of `length` bytes in a new folder, or shorter by one if the letter has two bytes. */
function longPath(t, length, letter = 'p') {
  const folder = tmp(t);
  const room = length - Buffer.byteLength(folder) - 1;
  return path.join(folder, letter.repeat(room / Buffer.byteLength(letter)));
}

test('an abstract name has its exact length, in address() and for a Python peer', linuxOnly, async (t) => {
  const name = abstractName();
  const socket = dgram(t, name);
  assert.strictEqual(socket.address(), name);
  assert.ok(!fs.existsSync(name.slice(1)));
  const got = messages(socket, 1);
  const peer = python(
    t,
    `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(b'\\0' + sys.argv[1].encode() + b'-peer')
s.sendto(b'ping', b'\\0' + sys.argv[1].encode())
data, addr = s.recvfrom(100)
print(data.decode(), addr[1:].decode())`,
    [name.slice(1)],
  );
  const [{ data, path: from, info }] = await got;
  assert.strictEqual(data.toString(), 'ping');
  assert.strictEqual(from, `${name}-peer`);
  assert.deepStrictEqual(info.rawPath, Buffer.from(`${name}-peer`));
  await sent(socket, 'pong', from);
  assert.strictEqual(await peer.line(), `pong ${name.slice(1)}`);
});

test('abstract names that differ only in trailing NUL bytes are different sockets', linuxOnly, async (t) => {
  const name = abstractName();
  const all = [name, `${name}\0`, `${name}\0\0`].map((n) => dgram(t, n));
  const sender = dgram(t);
  for (const [i, socket] of all.entries()) {
    await sent(sender, String(i), socket.address());
    assert.deepStrictEqual(await texts(socket, 1), [String(i)]);
  }
});

test('an abstract name given as a Buffer may contain any bytes', linuxOnly, async (t) => {
  const name = Buffer.concat([Buffer.from(abstractName()), Buffer.from([0xff, 0x00, 0x80, 0x01, 0x00])]);
  const receiver = dgram(t, name);
  const sender = dgram(t, Buffer.concat([name, Buffer.from([0xfe])]));
  await sent(sender, 'x', name);
  const [{ info }] = await messages(receiver, 1);
  assert.deepStrictEqual(info.rawPath, Buffer.concat([name, Buffer.from([0xfe])]));
  await sent(receiver, 'y', info.rawPath);
  assert.deepStrictEqual(await texts(sender, 1), ['y']);
});

test('a name given as a view into a larger Buffer has the bytes of the view only', linuxOnly, async (t) => {
  const name = abstractName();
  const whole = Buffer.from(`junk${name}junk`);
  const receiver = dgram(t, whole.subarray(4, 4 + Buffer.byteLength(name)));
  assert.strictEqual(receiver.address(), name);
});

test('servers and connections can have abstract names', linuxOnly, async (t) => {
  for (const name of [abstractName(), Buffer.from([...Buffer.from(abstractName()), 0xff])]) {
    const server = serve(t, { path: name });
    const socket = client(t, name);
    const [[peer, from]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
    closing(t, peer);
    assert.strictEqual(from, '');
    assert.strictEqual(server.address(), name.toString());
    assert.strictEqual(peer.address(), name.toString());
    assert.strictEqual(socket.remoteAddress(), name.toString());
    assert.strictEqual(socket.address(), '');
    assert.strictEqual(peer.remoteAddress(), '');
  }
});

test("'connection' passes the path that the client is bound to", options, async (t) => {
  const server = serve(t);
  const bound = sockPath(t, 'client');
  python(
    t,
    `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[2])
s.connect(sys.argv[1])
s.recv(1)`,
    [server.address(), bound],
  );
  const [peer, from] = await once(server, 'connection');
  closing(t, peer);
  assert.strictEqual(from, bound);
  assert.strictEqual(peer.remoteAddress(), bound);
});

test('bind() without a path: the kernel picks an abstract name, and replies to it arrive', linuxOnly, async (t) => {
  const one = dgram(t);
  const two = dgram(t);
  assert.strictEqual(one.address(), '');
  one.bind();
  two.bind(undefined);
  assert.match(one.address(), /^\0[0-9a-f]{5}$/);
  assert.notStrictEqual(one.address(), two.address());
  await sent(one, 'question', two.address());
  const [{ path: from }] = await messages(two, 1);
  assert.strictEqual(from, one.address());
  await sent(two, 'answer', from);
  assert.deepStrictEqual(await texts(one, 1), ['answer']);
});

test('paths of 108 bytes, the maximum, work for both kinds of socket', linuxOnly, async (t) => {
  for (const letter of ['p', 'é']) {
    const name = longPath(t, MAX, letter);
    const receiver = dgram(t, name);
    assert.strictEqual(receiver.address(), name);
    assert.ok(fs.statSync(name).isSocket());
    const sender = dgram(t, longPath(t, MAX));
    await sent(sender, 'x', name);
    const [{ path: from, info }] = await messages(receiver, 1);
    assert.strictEqual(from, sender.address());
    assert.strictEqual(info.rawPath.length, MAX);
    await sent(receiver, 'y', from);
    assert.deepStrictEqual(await texts(sender, 1), ['y']);
  }
  const server = serve(t, { path: longPath(t, MAX) });
  const socket = client(t, server.address());
  const [[peer]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  closing(t, peer);
  assert.strictEqual(socket.remoteAddress().length, MAX);

  const abstract = abstractName().padEnd(MAX, 'x');
  assert.strictEqual(dgram(t, abstract).address(), abstract);
});

test('a path that is too long, empty or contains a NUL byte throws', options, (t) => {
  const socket = dgram(t);
  const uses = {
    bind: (name) => socket.bind(name),
    connect: (name) => socket.connect(name),
    send: (name) => socket.send('x', name),
    sendTo: (name) => socket.sendTo(Buffer.from('x'), 0, 1, name),
    listen: (name) => closing(t, new lib.SeqpacketServer()).listen(name),
    'listen({})': (name) => closing(t, new lib.SeqpacketServer()).listen({ path: name }),
    'seqpacket connect': (name) => closing(t, new lib.SeqpacketSocket()).connect(name),
    'seqpacket connect({})': (name) => closing(t, new lib.SeqpacketSocket()).connect({ path: name }),
  };
  const tooLong = longPath(t, MAX + 1);
  const bad = [
    tooLong,
    `\0${tooLong}`,
    'é'.repeat(60),
    Buffer.alloc(MAX + 1, 0x61),
    '',
    Buffer.alloc(0),
    'a\0b',
    '/a\0',
  ];
  for (const [use, call] of Object.entries(uses)) {
    for (const name of bad) {
      assert.throws(() => call(name), { code: BAD_ARGUMENT }, `${use} ${JSON.stringify(String(name))}`);
    }
    for (const name of [7, true, Symbol('s')]) {
      assert.throws(() => call(name), { code: 'ERR_INVALID_ARG_TYPE' }, `${use} ${String(name)}`);
    }
  }
  assert.throws(() => uses.bind(tooLong), /path to bind is too long/);
  assert.throws(() => uses.listen(tooLong), /path to bind is too long/);
  assert.strictEqual(socket.address(), '');
});

test(
  'a name that is not UTF-8 is the same on disk and in rawPath, and replies to rawPath arrive',
  options,
  async (t) => {
    const folder = tmp(t);
    const raw = (name) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]);
    const receiver = dgram(t, raw('r\xff'));
    const sender = dgram(t, raw('s\xfe\xc3'));
    const onDisk = fs.readdirSync(folder, 'buffer').map((name) => name.toString('latin1'));
    assert.deepStrictEqual(onDisk.sort(), ['r\xff', 's\xfe\xc3']);
    await sent(sender, 'x', raw('r\xff'));
    const [{ path: from, info }] = await messages(receiver, 1);
    assert.strictEqual(from, raw('s\xfe\xc3').toString());
    assert.deepStrictEqual(info.rawPath, raw('s\xfe\xc3'));
    await sent(receiver, 'y', info.rawPath);
    assert.deepStrictEqual(await texts(sender, 1), ['y']);
  },
);

test('names that are not UTF-8 work with a Python peer and for connections', options, async (t) => {
  const raw = Buffer.concat([Buffer.from(sockPath(t)), Buffer.from([0xff, 0xfe])]);
  const receiver = dgram(t, raw);
  const peer = python(
    t,
    `import socket, sys
name = bytes.fromhex(sys.argv[1])
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(name + b'\\x80')
s.sendto(b'ping', name)
print(s.recv(100).decode())`,
    [raw.toString('hex')],
  );
  const [{ info }] = await messages(receiver, 1);
  assert.deepStrictEqual(info.rawPath, Buffer.concat([raw, Buffer.from([0x80])]));
  receiver.send('pong', info.rawPath);
  assert.strictEqual(await peer.line(), 'pong');

  const server = serve(t, { path: Buffer.concat([raw, Buffer.from('-seq')]) });
  const socket = client(t, { path: Buffer.concat([raw, Buffer.from('-seq')]) });
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  closing(t, accepted);
});

test("a message of an unnamed sender has path '' and an empty rawPath", options, async (t) => {
  const receiver = dgram(t, sockPath(t));
  await sent(dgram(t), 'x', receiver.address());
  const [{ path: from, info }] = await messages(receiver, 1);
  assert.strictEqual(from, '');
  assert.deepStrictEqual(info.rawPath, Buffer.alloc(0));
});

test('a bind that fails throws the error of bind(2), and the socket can be bound afterwards', options, (t) => {
  const taken = sockPath(t);
  dgram(t, taken);
  const socket = dgram(t);
  const error = { code: 'EADDRINUSE', syscall: 'bind', path: taken, message: /^bind EADDRINUSE: .+, .+$/ };
  assert.throws(() => socket.bind(taken), error);
  assert.throws(() => socket.bind(path.join(taken, 'x')), { code: 'ENOTDIR', syscall: 'bind' });
  const free = sockPath(t);
  socket.bind(free);
  assert.strictEqual(socket.address(), free);
  assert.throws(() => socket.bind(sockPath(t)), { code: 'EINVAL', syscall: 'bind' });
});
