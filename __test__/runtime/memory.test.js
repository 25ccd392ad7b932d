'use strict';
// Memory outside of V8's heap: external memory of queued messages, allocation failures.

const test = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { deadline, tmp } = require('../helpers');
const { node, pair } = require('../helpers/sockets');

const options = { timeout: deadline };

function externalMemory(t) {
  const file = path.join(tmp(t), 'external.node');
  const shared = process.platform === 'darwin' ? ['-dynamiclib', '-undefined', 'dynamic_lookup'] : ['-shared', '-fPIC'];
  execFileSync('cc', [...shared, '-o', file, path.join(__dirname, '..', 'fixtures', 'external-memory.c')]);
  return require(file);
}

test('queued messages are counted in the external memory of V8 until they are sent or dropped', options, async (t) => {
  const external = externalMemory(t);
  // A small read buffer, so that received messages add almost nothing.
  const [a, b] = pair(t, 'seqpacket', { paused: true, readBufferSize: 1 });
  const message = Buffer.alloc(100000);
  const before = external();
  for (let i = 0; i < 200; i++) a.write(message);
  const full = external();
  assert.ok(full - before > 15e6, `${full - before} bytes more`);
  const sent = new Promise((resolve) => a.write('last', resolve));
  b.on('data', () => {}).resume();
  await sent;
  assert.ok(full - external() > 15e6, `${full - external()} bytes less once it is sent`);
  const [c] = pair(t, 'seqpacket', { paused: true });
  for (let i = 0; i < 200; i++) c.write(message);
  const waiting = external();
  c.destroy();
  assert.ok(waiting - external() > 15e6, `${waiting - external()} bytes less once it is closed`);
});

/** Runs in a process with a limited address space. */
function shortOfMemory() {
  const out = [];
  const [a, b] = lib.createSocketPair('dgram', { readBufferSize: 2 ** 30 });
  const [full] = lib.createSocketPair('seqpacket', { paused: true });
  while (full.writableLength === 0) full.write(Buffer.alloc(10000));
  const [c, d] = lib.createSocketPair('seqpacket');
  b.on('error', (err) => {
    out.push(err.code);
    b.close();
    full.write(new Uint8Array(args.size), (err) => {
      out.push(err.code);
      d.on('data', (data) => {
        console.log(JSON.stringify([...out, String(data)]));
        process.exit();
      });
      c.write('alive');
    });
  });
  b.on('data', () => out.push('data'));
  a.send('x');
}

test('allocation failure: that message fails with ENOMEM, other sockets continue', options, async (t) => {
  // The limit depends on the size of the process, which depends on the version of Node.js.
  const probe = node(t, () => {
    lib.createSocketPair('seqpacket')[0].write('x');
    console.log(/VmSize:\s+(\d+)/.exec(require('fs').readFileSync('/proc/self/status', 'utf8'))[1]);
    process.exit();
  });
  const limit = Number(await probe.line()) * 1024 + 9e8;
  const child = node(t, shortOfMemory, { size: 6e8 }, { prefix: ['prlimit', `--as=${limit}`] });
  assert.deepStrictEqual(JSON.parse(await child.line()), ['ENOMEM', 'ENOMEM', 'alive']);
});
