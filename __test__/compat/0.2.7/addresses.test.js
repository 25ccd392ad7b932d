'use strict';
// Rows 18, 19 and 21 of the defects of 0.2.7: socket names are bytes of an exact length; errors name the call and path.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { python, sockPath, tmp } = require('../../helpers');
const { lib } = require('../../helpers/lib');
const { datagram, listening } = require('../../helpers/pair');
const { isolated } = require('../../helpers/isolated');

/** An abstract name that no other test uses. */
const abstractName = (t) => `\0${path.basename(tmp(t))}`;

// Answers one datagram on an abstract name.
const abstractEcho = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('\\0' + sys.argv[1])
print('bound')
data, sender = s.recvfrom(100)
print(repr(sender))
s.sendto(data, sender)
`;

isolated('row 18: abstract names have no padding, so that a Python peer can reply', async (t) => {
  const theirs = abstractName(t);
  const ours = abstractName(t);
  const peer = python(t, abstractEcho, [theirs.slice(1)]);
  await peer.line();
  const socket = datagram(t, ours);
  assert.strictEqual(socket.address(), ours);
  socket.sendTo(Buffer.from('x'), 0, 1, theirs);
  const [data, from] = await once(socket, 'data');
  assert.deepStrictEqual([String(data), from], ['x', theirs]);
  assert.strictEqual(await peer.line(), `b'${ours.replace('\0', '\\x00')}'`);
});

isolated("row 18: bind('') throws", async (t) => {
  const socket = datagram(t);
  assert.throws(() => socket.bind(''), { code: 'ERR_INVALID_ARG_VALUE' });
  const namesOfNul = fs.readFileSync('/proc/net/unix', 'latin1').match(/ @@+$/gm);
  assert.strictEqual(namesOfNul, null);
});

/** A path of 108 bytes, the maximum of sockaddr_un. */
function longestPath(t) {
  const folder = tmp(t);
  return path.join(folder, 'x'.repeat(108 - folder.length - 1));
}

isolated('row 19: a path of 108 bytes can be bound and sent to', async (t) => {
  const longest = longestPath(t);
  const receiver = datagram(t, longest);
  assert.strictEqual(receiver.address(), longest);
  const sender = datagram(t, longestPath(t));
  sender.sendTo(Buffer.from('x'), 0, 1, longest);
  const [, from] = await once(receiver, 'data');
  assert.strictEqual(from, sender.address());
});

for (const [what, use] of Object.entries({
  bind: (name, t) => datagram(t).bind(name),
  sendTo: (name, t) => datagram(t).sendTo(Buffer.from('x'), 0, 1, name),
  listen: (name) => new lib.SeqpacketServer().listen(name),
  connect: (name) => new lib.SeqpacketSocket().connect(name),
})) {
  isolated(`row 19: ${what} throws if the path contains a NUL byte`, async (t) => {
    const folder = tmp(t);
    assert.throws(() => use(`${folder}/good\0evil`, t), { code: 'ERR_INVALID_ARG_VALUE' });
    assert.deepStrictEqual(fs.readdirSync(folder), []);
  });
}

// Sends from a name that is not UTF-8 and prints the reply.
const asksFromBytes = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(os.fsencode(sys.argv[2]) + b'/\\xff\\xfe')
s.sendto(b'question', sys.argv[1])
print(s.recv(100).decode())
`;

isolated('row 19: a reply to a peer whose name is not UTF-8 arrives', async (t) => {
  const receiver = datagram(t, sockPath(t));
  const folder = tmp(t);
  const peer = python(t, asksFromBytes, [receiver.address(), folder]);
  const [, name, info] = await once(receiver, 'data');
  const sender = info ? info.rawPath : name;
  receiver.sendTo(Buffer.from('answer'), 0, 6, sender);
  assert.strictEqual(await peer.line(), 'answer');
  assert.deepStrictEqual(sender, Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]));
});

/** The path of a closed socket. */
function stalePath(t) {
  const stale = sockPath(t);
  const socket = new lib.DgramSocket();
  socket.bind(stale);
  socket.close();
  return stale;
}

const failures = {
  'bind EADDRINUSE': (t) => {
    const { path: taken } = listening(t);
    const socket = datagram(t);
    return [taken, () => socket.bind(taken)];
  },
  'connect ENOENT': (t) => {
    const nobody = sockPath(t);
    return [nobody, () => new lib.SeqpacketSocket().connect(nobody)];
  },
  'connect EPROTOTYPE': (t) => {
    const wrongType = sockPath(t);
    datagram(t, wrongType);
    return [wrongType, () => new lib.SeqpacketSocket().connect(wrongType)];
  },
};

const errnos = { ENOENT: -2, EPROTOTYPE: -91, EADDRINUSE: -98, ECONNREFUSED: -111 };

function assertSystemError(err, syscall, code, where) {
  const { message } = err;
  assert.deepStrictEqual(
    { code: err.code, errno: err.errno, syscall: err.syscall, path: err.path },
    { code, errno: errnos[code], syscall, path: where },
    message,
  );
  assert.ok(message.startsWith(`${syscall} ${code}: `) && message.endsWith(`, ${where}`), message);
}

for (const [what, prepare] of Object.entries(failures)) {
  isolated(`row 21: the error ${what} has code, errno, syscall and path`, async (t) => {
    const [where, call] = prepare(t);
    const [syscall, code] = what.split(' ');
    assert.throws(call, (err) => assertSystemError(err, syscall, code, where) === undefined);
  });
}

isolated('row 21: sendTo() to a closed socket fails with ECONNREFUSED, not with a later error', async (t) => {
  const stale = stalePath(t);
  const err = await new Promise((resolve) => datagram(t).sendTo(Buffer.from('x'), 0, 1, stale, resolve));
  assertSystemError(err, err.syscall, 'ECONNREFUSED', stale);
  assert.match(err.syscall, /^send/);
  assert.match(err.message, /connection refused/i);
});
