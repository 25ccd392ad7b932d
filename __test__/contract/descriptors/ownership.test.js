'use strict';
// Ownership of received descriptors: each is closed once, by the listener or by the library.

const { test } = require('node:test');
const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { Worker } = require('node:worker_threads');
const { deadline, eventually, openFds } = require('../../helpers');
const { lib, root } = require('../../helpers/lib');
const { pair, range, turns } = require('../../helpers/sockets');

const options = { timeout: deadline };

const consumers = {
  async 'the async iterator'(socket, n) {
    let count = 0;
    for await (const _data of socket) if (++count === n) break;
  },
  async 'a stream'(socket, n) {
    const duplex = socket.toDuplex();
    for (let count = 0; count < n; count++) await once(duplex, 'data');
  },
};

for (const [what, consume] of Object.entries(consumers)) {
  test(`${what} does not yield descriptors: they are closed`, options, async (t) => {
    const [a, b] = pair(t, 'seqpacket', { receiveFds: true });
    const before = openFds();
    for (const _ of range(20)) a.write('x', { fds: [0, 1, 2] });
    await consume(b, 20);
    await turns();
    assert.strictEqual(openFds(), before);
  });

  test(`${what} leaves the descriptors to a 'data' listener`, options, async (t) => {
    const [a, b] = pair(t, 'seqpacket', { receiveFds: true });
    const got = [];
    b.once('data', (_data, info) => got.push(...info.fds));
    a.write('x', { fds: [0, 1] });
    await consume(b, 1);
    assert.strictEqual(got.length, 2);
    for (const fd of got) fs.closeSync(fd); // throws EBADF if they were closed
  });
}

/** A worker that runs `act` with the descriptors in its listener and never returns from it. */
async function worker(t, act) {
  const source = `const { parentPort, workerData } = require('worker_threads');
    const fs = require('fs');
    const lib = require(workerData);
    const [a, b] = lib.createSocketPair('seqpacket', { receiveFds: true });
    b.on('data', (data, { fds }) => {
      ${act}
      parentPort.postMessage(fds[0]);
      for (;;);
    });
    a.write('x', { fds: [0] });`;
  const started = new Worker(source, { eval: true, workerData: root });
  t.after(() => started.terminate());
  const [fd] = await once(started, 'message');
  return { started, fd };
}

test('a descriptor that a listener closed is not closed again when the worker terminates', options, async (t) => {
  await once(new Worker('', { eval: true }), 'exit');
  const { started, fd } = await worker(t, 'fs.closeSync(fds[0]);');
  // Another file of this process gets the number.
  const opened = [];
  while (!opened.includes(fd)) opened.push(fs.openSync('/dev/null'));
  await started.terminate();
  assert.ok(fs.fstatSync(fd).isCharacterDevice());
  for (const each of opened) fs.closeSync(each);
});

test('undelivered descriptors are closed when the worker terminates', options, async (t) => {
  await once(new Worker('', { eval: true }), 'exit');
  await turns();
  const before = openFds();
  const { started, fd } = await worker(t, "a.write('another', { fds: [0, 1, 2] });");
  await started.terminate();
  fs.closeSync(fd); // the listener owns it and did not close it
  await eventually(() => openFds() <= before, 'no descriptor more than before');
});

test('destroy() closes the descriptors of messages that were not delivered', options, async (t) => {
  const [a, b] = lib.createSocketPair('seqpacket', { receiveFds: true });
  t.after(() => a.destroy());
  const before = openFds();
  b.pause();
  a.write('x', { fds: [0] });
  await turns();
  b.destroy();
  await eventually(() => openFds() < before, 'the descriptor of the socket and the received one');
});
