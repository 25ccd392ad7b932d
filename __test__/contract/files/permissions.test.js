'use strict';
// Permissions of socket files, and descriptors that enter or leave the process.

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { deadline, python, runChild, sockPath, tmp } = require('../../helpers');
const { adopt } = require('../../helpers/adopt');
const { lib } = require('../../helpers/lib');
const { closing, dgram, messages, serve } = require('../../helpers/sockets');

const isRoot = process.getuid() === 0;
const modeOf = (file) => fs.lstatSync(file).mode & 0o777;

for (const umask of [0o000, 0o022, 0o077, 0o777]) {
  for (const mode of [0o600, 0o666, 0o777, 0]) {
    test(`a socket file has mode ${mode.toString(8)} under umask ${umask.toString(8)}`, { timeout: deadline }, (t) => {
      const files = [sockPath(t), sockPath(t)];
      const before = process.umask(umask);
      try {
        dgram(t).bind(files[0], { mode });
        serve(t, { path: files[1], mode });
      } finally {
        process.umask(before);
      }
      assert.deepStrictEqual(files.map(modeOf), [mode, mode]);
    });
  }
}

test('a symbolic link at the path is neither followed nor removed', { timeout: deadline }, (t) => {
  const folder = tmp(t);
  const [victim, link] = ['victim', 'link'].map((name) => path.join(folder, name));
  fs.writeFileSync(victim, 'content', { mode: 0o640 });
  fs.symlinkSync(victim, link);
  const socket = dgram(t);
  assert.throws(() => socket.bind(link, { mode: 0o777, unlinkStale: true }), { code: 'EADDRINUSE' });
  assert.ok(fs.lstatSync(link).isSymbolicLink());
  assert.deepStrictEqual([fs.readFileSync(victim, 'utf8'), modeOf(victim)], ['content', 0o640]);
});

test('unlinkOnClose does not remove another file at the path', { timeout: deadline }, async (t) => {
  const file = sockPath(t);
  const socket = new lib.DgramSocket();
  socket.bind(file, { unlinkOnClose: true });
  fs.unlinkSync(file);
  fs.writeFileSync(file, 'another');
  await new Promise((resolve) => socket.close(resolve));
  assert.strictEqual(fs.readFileSync(file, 'utf8'), 'another');
});

test('bind() and connect() without permission fail with EACCES and create no file', {
  timeout: deadline,
  skip: !isRoot && 'needs root',
}, async (t) => {
  const folder = tmp(t);
  fs.chmodSync(folder, 0o755);
  const open = path.join(folder, 'open');
  serve(t, { path: open, mode: 0o600 });
  const { code, stdout, stderr } = await runChild(
    t,
    () => {
      const { folder, open } = globalThis.args;
      const { lib } = globalThis;
      lib.closeFd(lib.createReuseportFd()); // load the binary before its permission is lost
      process.setgid(65534);
      process.setuid(65534);
      const socket = new lib.DgramSocket();
      const code = (fn) => {
        try {
          fn();
        } catch (err) {
          return err.code;
        }
      };
      console.log(code(() => socket.bind(`${folder}/mine`, { mode: 0o600, unlinkStale: true })));
      console.log(code(() => new lib.SeqpacketSocket().connect(open)));
      socket.close();
      process.removeAllListeners('exit'); // the helper's listener writes a file, which this user may not
    },
    { args: { folder, open } },
  );
  assert.strictEqual(code, 0, stderr);
  assert.strictEqual(stdout, 'EACCES\nEACCES\n');
  assert.deepStrictEqual(fs.readdirSync(folder), ['open']);
});

test('a child process inherits no descriptor', { timeout: deadline }, async (t) => {
  const server = serve(t);
  const sockets = ['seqpacket', 'dgram'].flatMap((type) => lib.createSocketPair(type)).map((s) => closing(t, s));
  const fd = lib.createReuseportFd();
  t.after(() => lib.closeFd(fd));
  const child = spawn('sh', ['-c', 'ls -l /proc/self/fd'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  for (const socket of [server, ...sockets, { fd }]) {
    const target = fs.readlinkSync(`/proc/self/fd/${socket.fd}`);
    assert.ok(!text.includes(target), `${target} in the child: ${text}`);
  }
});

const HOSTILE = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(sys.argv[1])
for n in range(100):
    fds = [os.open('/dev/null', os.O_RDONLY) for _ in range(1 + n % 9)]
    socket.send_fds(s, [b'x'], fds)
    for fd in fds: os.close(fd)
`;

for (const receiveCredentials of [false, true]) {
  const name = `without receiveFds no descriptor enters the process${receiveCredentials ? ', with receiveCredentials' : ''}`;
  test(name, { timeout: deadline }, async (t) => {
    const file = sockPath(t);
    // Adopted, so that the kernel does not refuse the descriptors.
    const maker = dgram(t, file, { receiveFds: true, paused: true });
    const socket = closing(t, await adopt(maker, { receiveCredentials }));
    const before = fs.readdirSync('/proc/self/fd').length;
    const got = messages(socket, 100);
    const { pid } = python(t, HOSTILE, [file]);
    assert.ok(pid > 0);
    const links = new Set();
    for (const { info } of await got) {
      assert.deepStrictEqual(info.fds, []);
      for (const fd of fs.readdirSync('/proc/self/fd')) links.add(fd);
    }
    // The pipes of the Python process, and the descriptor that lists the folder.
    assert.ok(links.size <= before + 6, `${links.size} descriptors, ${before} before`);
  });
}
