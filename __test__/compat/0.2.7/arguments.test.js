'use strict';
// Rows 1, 2, 31 and 36 of the defects of 0.2.7: offsets, lengths, ports and descriptors are used exactly or refused.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { execFileSync } = require('node:child_process');
const { python, sockPath, tmp } = require('../../helpers');
const { descriptors, socketsOpenedBy, target } = require('../../helpers/descriptors');
const { lib, root } = require('../../helpers/lib');
const { connected, datagram } = require('../../helpers/pair');
const { isolated } = require('../../helpers/isolated');

const digits = Buffer.from('0123456789');

isolated('row 1: sendTo() applies the offset once', async (t) => {
  const to = sockPath(t);
  const receiver = datagram(t, to);
  datagram(t).sendTo(digits, 2, 3, to);
  const [data] = await once(receiver, 'data');
  assert.strictEqual(String(data), '234');
});

/** Invalid offsets and lengths for ten bytes, and the expected code. */
const badSlices = [
  [-1, 1, 'ERR_OUT_OF_RANGE'],
  [0, -1, 'ERR_OUT_OF_RANGE'],
  [4, 7, 'ERR_OUT_OF_RANGE'],
  [11, 0, 'ERR_OUT_OF_RANGE'],
  [NaN, 1, 'ERR_OUT_OF_RANGE'],
  [0, NaN, 'ERR_OUT_OF_RANGE'],
  [0.5, 1, 'ERR_OUT_OF_RANGE'],
  [0, 2 ** 32 + 3, 'ERR_OUT_OF_RANGE'],
  [2 ** 32 + 3, 1, 'ERR_OUT_OF_RANGE'],
  ['0', 1, 'ERR_INVALID_ARG_TYPE'],
  [0, '1', 'ERR_INVALID_ARG_TYPE'],
  [0, {}, 'ERR_INVALID_ARG_TYPE'],
];

for (const [offset, length, code] of badSlices) {
  isolated(`row 2: sendTo(buf, ${typeof offset} ${offset}, ${typeof length} ${length}) throws ${code}`, async (t) => {
    const to = sockPath(t);
    const receiver = datagram(t, to);
    const sender = datagram(t);
    assert.throws(() => sender.sendTo(digits, offset, length, to), { code });
    sender.sendTo(digits, 0, 10, to);
    assert.deepStrictEqual((await once(receiver, 'data'))[0], digits, 'only the valid call has sent a message');
  });

  isolated(`row 2: write(buf, ${typeof offset} ${offset}, ${typeof length} ${length}) throws ${code}`, async (t) => {
    const { client, peer } = await connected(t);
    assert.throws(() => client.write(digits, offset, length), { code });
    client.write(digits);
    assert.deepStrictEqual((await once(peer, 'data'))[0], digits, 'only the valid call has sent a message');
  });
}

isolated('row 2: offset and length count bytes for every kind of view', async (t) => {
  const to = sockPath(t);
  const receiver = datagram(t, to);
  const words = new Uint16Array([0x4241, 0x4443, 0x4645]);
  datagram(t).sendTo(words, 1, 5, to);
  assert.strictEqual(String((await once(receiver, 'data'))[0]), 'BCDEF');
});

for (const port of [-1, 65536, 1.5, NaN]) {
  isolated(`row 31: createReuseportFd(${port}) throws ERR_SOCKET_BAD_PORT`, async () => {
    assert.throws(() => lib.createReuseportFd(port), { name: 'RangeError', code: 'ERR_SOCKET_BAD_PORT' });
  });
}

for (const fd of [NaN, -1, 0.5, 2 ** 32]) {
  isolated(`row 31: closeFd(${fd}) throws ERR_OUT_OF_RANGE and closes nothing`, async () => {
    assert.throws(() => lib.closeFd(fd), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
    assert.doesNotThrow(() => fs.fstatSync(0), 'descriptor 0 is still open');
  });
}

// Creates a pair, passes one socket to a Node.js process as its standard input, and exchanges messages with it.
const talkToFd0 = `
import socket, subprocess, sys
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
node = subprocess.Popen(sys.argv[1:], stdin=theirs)
theirs.close()
ours.settimeout(5)
ours.send(b'ping')
print(ours.recv(100).decode())
ours.close()
print(node.wait())
`;

isolated('row 36: descriptor 0 can be adopted', async (t) => {
  const script = `
    const socket = new (require(${JSON.stringify(root)}).SeqpacketSocket)(0);
    socket.on('data', (data) => { socket.write(data); socket.end(); });`;
  const { stdout, stderr } = await python(t, talkToFd0, [process.execPath, '-e', script]).done;
  assert.deepStrictEqual(stdout.split('\n'), ['ping', '0', ''], stderr);
});

/** Descriptors that are not seqpacket sockets. */
const foreign = {
  'a regular file': (t) => fs.openSync(path.join(tmp(t), 'file'), 'w+'),
  'a FIFO': (t) => {
    const fifo = path.join(tmp(t), 'fifo');
    execFileSync('mkfifo', [fifo]);
    return fs.openSync(fifo, 'r+');
  },
  'a TCP socket': () => lib.createReuseportFd(0, '127.0.0.1'),
  'an epoll descriptor': () => descriptors().find((fd) => target(fd) === 'anon_inode:[eventpoll]'),
  'a datagram socket': async (t) => (await socketsOpenedBy(() => datagram(t)))[0],
};

for (const [what, open] of Object.entries(foreign)) {
  isolated(`row 36: ${what} is refused and unchanged`, async (t) => {
    const fd = await open(t);
    const before = fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
    assert.throws(() => new lib.SeqpacketSocket(fd), { code: /^E/ });
    assert.strictEqual(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'), before);
  });
}
