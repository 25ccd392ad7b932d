'use strict';
// Rows 3, 16 and 25 of the defects of 0.2.7: flags of descriptors, running out of descriptors, leaks.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { collect, eventually, openFds, python, sockPath } = require('../../helpers');
const { flags, socketsOpenedBy } = require('../../helpers/descriptors');
const { lib } = require('../../helpers/lib');
const { connected, connecting, datagram, listening } = require('../../helpers/pair');
const { isolated } = require('../../helpers/isolated');

isolated('row 3: every descriptor is close-on-exec', async (t) => {
  const sockets = await socketsOpenedBy(async () => {
    await connected(t);
    datagram(t, sockPath(t));
    const fd = lib.createReuseportFd(0, '127.0.0.1');
    t.after(() => lib.closeFd(fd));
  });
  assert.strictEqual(sockets.length, 5);
  assert.deepStrictEqual(
    sockets.filter((fd) => !flags(fd).cloexec),
    [],
  );
});

isolated('row 3: a refused descriptor keeps its flags', async (t) => {
  const path = `${sockPath(t)}.fifo`;
  execFileSync('mkfifo', [path]);
  const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  assert.throws(() => new lib.SeqpacketSocket(fd));
  assert.strictEqual(flags(fd).nonblock, true);
  fs.closeSync(fd); // throws if it is closed already
});

// Connects for each line of its input, closing the connection before.
const connector = `
import socket, sys
for line in sys.stdin:
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(sys.argv[1])
    print('connected')
`;

isolated(
  "row 16: no free descriptors: the server emits one 'error', other sockets continue, accepting resumes",
  async (t) => {
    const path = sockPath(t);
    const { server, path: serverPath } = listening(t);
    const receiver = datagram(t, path);
    const sender = datagram(t);
    const peer = python(t, connector, [serverPath]);
    const peers = [];
    server.on('connection', (socket) => peers.push(socket));
    t.after(() => {
      for (const socket of peers) socket.destroy();
    });
    const errors = [];
    server.on('error', (err) => errors.push(err.code));

    const files = [];
    execFileSync('prlimit', ['--pid', String(process.pid), '--nofile=128']);
    assert.throws(
      () => {
        for (;;) files.push(fs.openSync('/dev/null'));
      },
      { code: 'EMFILE' },
    );
    peer.send('one\n');
    await peer.line();
    await sleep(500);
    const news = collect(receiver, 'data', 1);
    sender.sendTo(Buffer.from('news'), 0, 4, path);
    await news;
    assert.deepStrictEqual(errors, ['EMFILE']);

    for (const fd of files) fs.closeSync(fd);
    const before = peers.length;
    peer.send('two\n');
    await peer.line();
    await eventually(() => peers.length > before, 'a connection when descriptors are free again');
  },
);

isolated('row 25: a failed connect() leaves no descriptor open', async (t) => {
  const paths = [`/${'x'.repeat(200)}`, `/${'x'.repeat(107)}`, sockPath(t)];
  const before = openFds();
  for (let i = 0; i < 60; i++) assert.throws(() => new lib.SeqpacketSocket().connect(paths[i % paths.length]));
  await eventually(() => openFds() <= before, 'no more descriptors than before');
});

isolated(
  "row 25: connections to a server without a 'connection' listener have no descriptor in its process",
  async (t) => {
    const { server, path } = listening(t);
    const before = openFds();
    for (let i = 0; i < 20; i++) {
      const client = connecting(t, path);
      await once(client, 'connect');
      await new Promise(setImmediate);
      assert.strictEqual(openFds(), before + 1, 'the descriptor of the client');
      client.destroy();
    }
    let accepted = 0;
    server.on('connection', (peer) => {
      accepted++;
      peer.on('data', () => {}).on('end', () => peer.destroy());
    });
    await eventually(() => accepted === 20 && openFds() <= before, 'no more descriptors than before');
  },
);

isolated('row 25: a connection whose peer has closed is closed', async (t) => {
  const { server, path } = listening(t);
  const before = openFds();
  for (let i = 0; i < 20; i++) {
    const client = connecting(t, path);
    const [peer] = await once(server, 'connection');
    peer.on('data', () => {});
    client.destroy();
  }
  await eventually(() => openFds() <= before, 'no more descriptors than before');
});
