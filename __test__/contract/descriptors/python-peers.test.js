'use strict';
// Descriptors (SCM_RIGHTS) and credentials (SCM_CREDENTIALS) that are exchanged with Python programs; peerCredentials().

const { test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, python, sockPath } = require('../../helpers');
const { closing, connected, dgram, messages, pair, serve } = require('../../helpers/sockets');
const { contentOf, fileWith, openFile } = require('../../helpers/files');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };
const linuxOnly = { ...options, skip: process.platform !== 'linux' && 'Linux only' };

const SENDER = `import array, os, socket, sys
kind, path, names = getattr(socket, sys.argv[1]), sys.argv[2], sys.argv[3:]
s = socket.socket(socket.AF_UNIX, kind)
s.connect(path)
print(os.getpid())
fds = array.array('i', [os.open(name, os.O_RDONLY) for name in names])
s.sendmsg([b'from python'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
s.recv(1)`;

const RECEIVER = `import array, os, socket, sys
kind, path = getattr(socket, sys.argv[1]), sys.argv[2]
s = socket.socket(socket.AF_UNIX, kind)
s.bind(path)
if kind == socket.SOCK_SEQPACKET:
    s.listen()
    print('ready')
    s, _ = s.accept()
else:
    print('ready')
data, control, flags, _ = s.recvmsg(100, 4000)
fds = array.array('i')
for level, kind, content in control:
    if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
        fds.frombytes(content)
print(data.decode(), *[os.read(fd, 100).decode() for fd in fds])`;

test('seqpacket: descriptors and credentials of a Python peer arrive', linuxOnly, async (t) => {
  const server = serve(t, { socket: { receiveFds: true, receiveCredentials: true } });
  const files = ['one', 'two'].map((text) => fileWith(t, text));
  const child = python(t, SENDER, ['SOCK_SEQPACKET', server.address(), ...files]);
  const [peer] = await once(server, 'connection');
  closing(t, peer);
  const [{ data, info }] = await messages(peer, 1);
  assert.strictEqual(data.toString(), 'from python');
  assert.deepStrictEqual(info.fds.map(contentOf), ['one', 'two']);
  const own = { pid: child.pid, uid: process.getuid(), gid: process.getgid() };
  assert.deepStrictEqual({ ...info.credentials }, own);
  assert.deepStrictEqual({ ...peer.peerCredentials() }, own);
});

test('dgram: descriptors and credentials of a Python peer arrive', linuxOnly, async (t) => {
  const socket = dgram(t, sockPath(t), { receiveFds: true, receiveCredentials: true });
  const child = python(t, SENDER, ['SOCK_DGRAM', socket.address(), fileWith(t, 'one')]);
  const [{ info }] = await messages(socket, 1);
  assert.deepStrictEqual(info.fds.map(contentOf), ['one']);
  assert.strictEqual(info.credentials.pid, child.pid);
});

test('seqpacket: descriptors arrive at a Python peer, and peerCredentials() returns its pid', linuxOnly, async (t) => {
  const path = sockPath(t);
  const child = python(t, RECEIVER, ['SOCK_SEQPACKET', path]);
  assert.strictEqual(await child.line(), 'ready');
  const socket = closing(t, new lib.SeqpacketSocket());
  socket.connect(path);
  socket.write('to python', { fds: [openFile(t, 'one'), openFile(t, 'two')] }, assert.ifError);
  assert.strictEqual(await child.line(), 'to python one two');
  assert.strictEqual(socket.peerCredentials().pid, child.pid);
});

test('dgram: descriptors arrive at a Python peer', options, async (t) => {
  const path = sockPath(t);
  const child = python(t, RECEIVER, ['SOCK_DGRAM', path]);
  assert.strictEqual(await child.line(), 'ready');
  dgram(t).send('to python', path, { fds: [openFile(t, 'one')] }, assert.ifError);
  assert.strictEqual(await child.line(), 'to python one');
});

test('peerCredentials() works on both ends of a connection and on a pair', linuxOnly, async (t) => {
  const own = { pid: process.pid, uid: process.getuid(), gid: process.getgid() };
  const { client, peer } = await connected(t);
  for (const socket of [client, peer, ...pair(t, 'seqpacket')]) {
    assert.deepStrictEqual({ ...socket.peerCredentials() }, own);
  }
});
