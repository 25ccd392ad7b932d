'use strict';
// Memory outside of V8's heap: V8 is told of what waits to be sent, and where there is none it is an error.

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

test('V8 is told of what waits to be sent, and when it has gone', options, async (t) => {
  const external = externalMemory(t);
  // What is received is V8's own: next to nothing.
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

/** In a process whose address space ends soon. */
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

test('where there is none: ENOMEM, and others live', options, async (t) => {
  // What a process has mapped by then differs from one Node.js to another.
  const probe = node(t, () => {
    lib.createSocketPair('seqpacket')[0].write('x');
    console.log(/VmSize:\s+(\d+)/.exec(require('fs').readFileSync('/proc/self/status', 'utf8'))[1]);
    process.exit();
  });
  const limit = Number(await probe.line()) * 1024 + 9e8;
  const child = node(t, shortOfMemory, { size: 6e8 }, { prefix: ['prlimit', `--as=${limit}`] });
  assert.deepStrictEqual(JSON.parse(await child.line()), ['ENOMEM', 'ENOMEM', 'alive']);
});
