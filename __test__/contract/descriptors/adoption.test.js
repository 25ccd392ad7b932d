'use strict';
// Adopting descriptors: new DgramSocket({ fd }), new SeqpacketSocket({ fd }) or (fd). Servers: ../server/adopt.test.js.

const { test } = require('node:test');
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const net = require('node:net');
const { deadline, once, python, sockPath } = require('../../helpers');
const { flags } = require('../../helpers/descriptors');
const { isOpen, openFile } = require('../../helpers/files');
const { closing, dgram, messages, pair, post, sent, texts } = require('../../helpers/sockets');
const { lib, root } = require('../../helpers/lib');

const options = { timeout: deadline };
const linuxOnly = { ...options, skip: process.platform !== 'linux' && 'Linux only' };
const classes = { seqpacket: lib.SeqpacketSocket, dgram: lib.DgramSocket };

for (const [type, Class] of Object.entries(classes)) {
  test(`${type}: a received descriptor can be adopted; closing the socket closes it`, options, async (t) => {
    const [a, b] = pair(t, type, { receiveFds: true });
    const [c, d] = pair(t, type);
    post(a, ...(a.send ? ['yours', undefined] : ['yours']), { fds: [d.fd] });
    const [fd] = (await messages(b, 1))[0].info.fds;
    d.close();
    const adopted = closing(t, new Class({ fd }));
    assert.strictEqual(adopted.fd, fd);
    await sent(c, 'still there');
    assert.deepStrictEqual(await texts(adopted, 1), ['still there']);
    await sent(adopted, 'so am I');
    assert.deepStrictEqual(await texts(c, 1), ['so am I']);
    adopted.close();
    await once(adopted, 'close');
    assert.ok(!isOpen(fd));
  });

  test(`${type}: descriptor 0 can be adopted`, options, async (t) => {
    const forms = type === 'seqpacket' ? ['{ fd: 0 }', '0'] : ['{ fd: 0 }'];
    for (const form of forms) {
      const [a, b] = pair(t, type);
      const source = `const socket = new (require(${JSON.stringify(root)}).${Class.name})(${form});
        socket.once('data', (data) => socket.${type === 'dgram' ? 'send' : 'write'}('re: ' + data, (_err) => socket.close()));`;
      const child = spawn(process.execPath, ['-e', source], { stdio: [b.fd, 'ignore', 'inherit'] });
      t.after(() => child.kill());
      const exit = once(child, 'exit');
      post(a, 'hello');
      assert.deepStrictEqual(await texts(a, 1), ['re: hello']);
      assert.deepStrictEqual(await exit, [0, null]);
    }
  });

  test(`${type}: descriptors of other kinds and invalid values throw and are unchanged`, options, async (t) => {
    const other = type === 'dgram' ? 'seqpacket' : 'dgram';
    const [c, d] = pair(t, other);
    const stream = net.createServer().listen(sockPath(t));
    const tcp = net.createServer().listen(0);
    t.after(() => [stream, tcp].map((server) => server.close()));
    await Promise.all([once(stream, 'listening'), once(tcp, 'listening')]);
    for (const fd of [openFile(t), stream._handle.fd, tcp._handle.fd, c.fd]) {
      assert.throws(
        () => new Class({ fd }),
        (err) => typeof err.code === 'string',
      );
      assert.ok(isOpen(fd));
    }
    assert.throws(() => new Class({ fd: 19999 }), { code: 'EBADF' });
    for (const fd of [-1, 1.5, NaN, 2 ** 31]) assert.throws(() => new Class({ fd }), { code: 'ERR_OUT_OF_RANGE' });
    for (const fd of ['3', {}, true]) assert.throws(() => new Class({ fd }), { code: 'ERR_INVALID_ARG_TYPE' });
    await sent(c, 'unharmed');
    assert.deepStrictEqual(await texts(d, 1), ['unharmed']);
  });
}

test(
  'a refused descriptor keeps its flags; an adopted one becomes close-on-exec and non-blocking',
  linuxOnly,
  async (t) => {
    const socket = dgram(t, sockPath(t), { receiveFds: true });
    const child = python(
      t,
      `import array, socket, sys
mine, yours = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(sys.argv[1])
s.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [yours.fileno()]))])
yours.close()
mine.send(b'early')
print(mine.recv(100).decode())`,
      [socket.address()],
    );
    const [fd] = (await messages(socket, 1))[0].info.fds;
    assert.strictEqual(flags(fd).nonblock, false);
    assert.throws(() => new lib.DgramSocket({ fd }));
    assert.strictEqual(flags(fd).nonblock, false);
    const adopted = closing(t, new lib.SeqpacketSocket(fd));
    assert.deepStrictEqual(flags(fd), { cloexec: true, nonblock: true });
    assert.deepStrictEqual(await texts(adopted, 1), ['early']);
    adopted.write('answer');
    assert.strictEqual(await child.line(), 'answer');
  },
);
