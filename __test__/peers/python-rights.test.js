'use strict';

// SCM_RIGHTS and SCM_CREDENTIALS on both kinds of socket with the socket module of Python as the peer.

const assert = require('node:assert');
const fs = require('node:fs');
const { DgramSocket, SeqpacketServer } = require('../..');
const { once, openFds, sockPath, tmp } = require('../helpers');
const { adopt } = require('../helpers/adopt');
const { descriptors, flags } = require('../helpers/descriptors');
const { testWith } = require('./foreign');
const { peer } = require('./python');

/** A socket, and a Python peer that runs `source` with its socket `s`; `send` sends a message to it. */
const kinds = {
  async seqpacket(t, source, options) {
    const path = sockPath(t);
    const server = new SeqpacketServer();
    t.after(() => server.close());
    server.listen({ path, socket: options });
    const python = peer(t, `s = seqpacket(args[0])\n${source}`, path);
    const [socket] = await once(server, 'connection');
    t.after(() => socket.destroy());
    return { socket, python, send: (message, sendOptions) => socket.write(message, sendOptions) };
  },
  async dgram(t, source, options) {
    const [path, theirs] = [sockPath(t), sockPath(t)];
    const socket = new DgramSocket(options);
    t.after(() => socket.close());
    socket.bind(path);
    const python = peer(t, `s = dgram(args[1]); s.connect(args[0])\n${source}`, path, theirs);
    return { socket, python, send: (message, sendOptions) => socket.send(message, theirs, sendOptions) };
  },
};

for (const [kind, open] of Object.entries(kinds)) {
  const testPython = (name, body) => testWith('python3', `python, ${kind}: ${name}`, body);

  testPython('descriptors of the peer are usable and close-on-exec', async (t) => {
    const source = `
fds = [fd for _ in range(100) for fd in os.pipe()]
for i in range(100): os.write(fds[2 * i + 1], b'%d' % i)
socket.send_fds(s, [b'pipes'], fds)
hear()`;
    const { socket, python } = await open(t, source, { receiveFds: true });
    const [message, ...rest] = await once(socket, 'data');
    const { fds, truncated } = rest[rest.length - 1];
    assert.deepStrictEqual([message.toString(), fds.length, truncated], ['pipes', 200, false]);
    const buffer = Buffer.alloc(10);
    for (let i = 0; i < 100; i++) {
      assert.ok(flags(fds[2 * i]).cloexec);
      assert.strictEqual(buffer.toString('utf8', 0, fs.readSync(fds[2 * i], buffer)), String(i));
    }
    for (const fd of fds) fs.closeSync(fd);
    python.send('\n');
    await python.succeeds();
  });

  testPython('descriptors arrive at the peer, also if the sender closes them at once', async (t) => {
    const source = `
s.send(b'ready')
message, fds, flags, address = socket.recv_fds(s, 99, 10)
say(message, *[os.read(fd, 99) for fd in fds])`;
    const { socket, python, send } = await open(t, source, {});
    const file = `${tmp(t)}/file`;
    fs.writeFileSync(file, 'content');
    await once(socket, 'data');
    const fds = [fs.openSync(file), fs.openSync('/dev/null')];
    send('two', { fds });
    for (const fd of fds) fs.closeSync(fd);
    assert.deepStrictEqual(await python.hear(), ['two', 'content', '']);
    await python.succeeds();
  });

  testPython('without receiveFds no descriptor enters the process', async (t) => {
    const source = `
for i in range(50): socket.send_fds(s, [b'unasked'], [0, 1, 2] * 80)
s.send(b'last')
hear()`;
    // Adopted, so that the kernel does not refuse the descriptors.
    const { socket: maker, python } = await open(t, source, { receiveFds: true, paused: true });
    const socket = await adopt(maker);
    t.after(() => socket.close());
    const [before, most] = [openFds(), new Set(descriptors())];
    for (let last = false; !last; ) {
      const [message, ...rest] = await once(socket, 'data');
      assert.deepStrictEqual(rest[rest.length - 1].fds, []);
      assert.ok(descriptors().filter((fd) => !most.has(fd)).length <= 1);
      last = message.toString() === 'last';
    }
    assert.strictEqual(openFds(), before);
    python.send('\n');
    await python.succeeds();
  });

  testPython('every message has credentials; forged ones are refused', async (t) => {
    const source = `
s.send(b'honest')
say(os.getpid(), os.getuid(), os.getgid())
if os.getuid() == 0: os.setresuid(65534, 65534, 65534)
try: s.sendmsg([b'I am init'], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack('3i', 1, 0, 0))])
except PermissionError: s.send(b'refused')
say(os.getuid())`;
    const { socket, python } = await open(t, source, { receiveCredentials: true });
    const next = async () => {
      const [message, ...rest] = await once(socket, 'data');
      return [message.toString(), rest[rest.length - 1].credentials];
    };
    const honest = await next();
    const refused = await next();
    const [pid, uid, gid] = await python.hear();
    const [lowered] = await python.hear();
    assert.deepStrictEqual(honest, ['honest', { pid, uid, gid }]);
    assert.deepStrictEqual(refused, ['refused', { pid, uid: lowered, gid }]);
    await python.succeeds();
  });
}
