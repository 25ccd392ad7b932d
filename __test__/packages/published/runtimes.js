'use strict';
// npm run test:packages: Bun and Deno. The package can be loaded, sockets throw an error, and createReuseportFd(), which
// needs no event loop, works. docs/adr/0012 has the reasons.

const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const { installed, run, tmp, tool, write } = require('./tools');

const cpu = { x64: ['x64', 'x64'], arm64: ['aarch64', 'arm64'] }[process.arch];

const runtimes = {
  Bun: () => [path.join(tool(`@oven/bun-linux-${cpu[0]}@1`), '@oven', `bun-linux-${cpu[0]}`, 'bin', 'bun')],
  Deno: () => [
    path.join(tool(`@deno/linux-${cpu[1]}-glibc@2`), '@deno', `linux-${cpu[1]}-glibc`, 'deno'),
    'run',
    '--no-lock',
  ],
};

/** Uses every export once and prints the results as JSON. */
const PROGRAM = `
const result = {};
const attempt = (name, fn) => {
  try {
    result[name] = fn();
  } catch (err) {
    result[name] = { code: err.code, syscall: err.syscall, message: err.message };
  }
};
attempt('DgramSocket', () => void new lib.DgramSocket());
attempt('SeqpacketSocket', () => void new lib.SeqpacketSocket());
attempt('SeqpacketServer', () => void new lib.SeqpacketServer());
attempt('createSocketPair', () => void lib.createSocketPair('dgram'));
attempt('listenReuseport', () => void lib.listenReuseport(net.createServer(), { port: 0 }));
attempt('createSocket', () => void compatible.createSocket('unix_dgram'));
attempt('fd', () => lib.createReuseportFd(0, '127.0.0.1', { type: 'udp' }));
attempt('closed', () => lib.closeFd(result.fd) === undefined);
attempt('closedTwice', () => lib.closeFd(result.fd));
attempt('elsewhere', () => lib.createReuseportFd(1, '192.0.2.1'));
const server = net.createServer((socket) => socket.end('served'));
const done = (more) => {
  console.log(JSON.stringify({ ...result, ...more }));
  server.close();
};
attempt('listen', () => {
  server.listen({ fd: lib.createReuseportFd(0, '127.0.0.1') }, () => {
    const { address, port } = server.address();
    // The port can be shared only with SO_REUSEPORT.
    lib.closeFd(lib.createReuseportFd(port, '127.0.0.1'));
    let text = '';
    net
      .connect(port, address)
      .on('data', (data) => (text += data))
      .on('end', () => done({ address, text }));
  });
  return true;
});
if (result.listen !== true) done();
`;
const PROGRAMS = {
  'program.cjs': `
const net = require('net');
const lib = require('node-unix-socket');
const compatible = require('node-unix-socket/unix-dgram');
${PROGRAM}`,
  'program.mjs': `
import net from 'node:net';
import * as lib from 'node-unix-socket';
import compatible from 'node-unix-socket/unix-dgram';
${PROGRAM}`,
};

const UNSUPPORTED = [
  'DgramSocket',
  'SeqpacketSocket',
  'SeqpacketServer',
  'createSocketPair',
  'listenReuseport',
  'createSocket',
];

/** Runs a program until it ends. Resolves to its results. */
async function ask(t, runtime, permissions, program) {
  const project = await installed(t);
  write(project, PROGRAMS);
  const [file, ...args] = runtimes[runtime]();
  const env = { DENO_DIR: tmp(t), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' };
  const { code, signal, stdout, stderr } = await run(t, file, [...args, ...permissions, program], {
    cwd: project,
    env,
  });
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, stdout + stderr);
  return JSON.parse(stdout);
}

function assertUnsupported(failure, runtime, name) {
  assert.equal(failure.code, 'ERR_UNSUPPORTED_RUNTIME', `${name}: ${JSON.stringify(failure)}`);
  assert.match(failure.message, new RegExp(`^node-unix-socket needs Node.js: ${runtime} \\d`));
}

for (const runtime of Object.keys(runtimes)) {
  for (const program of Object.keys(PROGRAMS)) {
    test(`${runtime}, ${program}: sockets throw ERR_UNSUPPORTED_RUNTIME, createReuseportFd() and closeFd() work`, {
      timeout: 120000,
    }, async (t) => {
      const told = await ask(t, runtime, runtime === 'Deno' ? ['--allow-all'] : [], program);
      for (const name of UNSUPPORTED) assertUnsupported(told[name], runtime, name);
      assert.ok(told.fd > 2);
      assert.equal(told.closed, true);
      assert.deepEqual([told.closedTwice.code, told.closedTwice.syscall], ['EBADF', 'close']);
      assert.deepEqual([told.elsewhere.code, told.elsewhere.syscall], ['EADDRNOTAVAIL', 'bind']);
      assert.deepEqual([told.listen, told.address, told.text], [true, '127.0.0.1', 'served']);
    });
  }
}

test('Deno without --allow-ffi: require() needs no permission, the error names it', {
  timeout: 300000,
}, async (t) => {
  const told = await ask(t, 'Deno', ['--allow-read', '--allow-env', '--allow-net', '--no-prompt'], 'program.cjs');
  for (const name of [...UNSUPPORTED, 'fd', 'listen']) assertUnsupported(told[name], 'Deno', name);
  assert.match(told.fd.message, /ffi/);
});
