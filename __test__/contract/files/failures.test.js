'use strict';
// A bind or listen that fails leaves no file, no name and no mode behind.

const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { deadline, sockPath, tmp } = require('../../helpers');
const { closing, dgram, node } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline, skip: process.platform !== 'linux' && 'Linux only' };

/** Runs in a process without free descriptors, which setting a mode that the umask masks needs. */
function withoutDescriptors() {
  const fs = require('fs');
  process.umask(0o77);
  const path = `${args.folder}/s`;
  const socket = new lib.DgramSocket();
  const events = [];
  for (const event of ['error', 'close']) socket.on(event, () => events.push(event));
  const server = new lib.SeqpacketServer();
  const act = {
    dgram: () => socket.bind(path, { mode: 0o666, unlinkOnClose: true }),
    server: () => server.listen({ path, mode: 0o666, unlinkOnClose: true }),
  }[args.kind];
  const taken = [];
  try {
    for (;;) taken.push(fs.openSync('/dev/null'));
  } catch {}
  if (args.kind === 'server') fs.closeSync(taken.pop()); // for the socket of the server
  let thrown;
  try {
    act();
  } catch ({ code, syscall, path }) {
    thrown = { code, syscall, path };
  }
  for (const fd of taken) fs.closeSync(fd);
  const outcome = { thrown, file: fs.existsSync(path), closed: socket.closed, fd: socket.fd };
  if (args.kind === 'server') server.listen({ path, mode: 0o666 }).close();
  else new lib.DgramSocket().unref().bind(path);
  setImmediate(setImmediate, () => {
    console.log(JSON.stringify({ ...outcome, events }));
    process.exit();
  });
}

for (const kind of ['dgram', 'server']) {
  test(`${kind}: if the mode cannot be set, the file is removed; a datagram socket is closed`, options, async (t) => {
    const folder = tmp(t);
    const child = node(t, withoutDescriptors, { kind, folder }, { prefix: ['prlimit', '--nofile=64'] });
    const { fd, ...outcome } = JSON.parse(await child.line());
    const thrown = { code: 'EMFILE', syscall: 'chmod', path: `${folder}/s` };
    const closed = kind === 'dgram';
    assert.deepStrictEqual(outcome, { thrown, file: false, closed, events: closed ? ['close'] : [] });
    assert.strictEqual(fd === -1, closed);
  });
}

test('the mode of a failed bind() does not apply to the next bind()', options, (t) => {
  const taken = dgram(t, sockPath(t)).address();
  const path = sockPath(t);
  const socket = closing(t, new lib.DgramSocket());
  assert.throws(() => socket.bind(taken, { mode: 0o600 }), { code: 'EADDRINUSE' });
  socket.bind(path);
  const expected = 0o777 & ~process.umask();
  assert.strictEqual((fs.statSync(path).mode & 0o777).toString(8), expected.toString(8));
});
