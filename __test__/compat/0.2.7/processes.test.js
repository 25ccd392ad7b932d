'use strict';
// Rows 15, 37 and 38 of the defects of 0.2.7: worker threads, cluster workers, and ways to exit.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { eventually, openFds, runChild, sockPath, tmp } = require('../../helpers');
const { root } = require('../../helpers/lib');
const { connected, datagram } = require('../../helpers/pair');
const { isolated } = require('../../helpers/isolated');

/** Runs code in a worker thread until it exits. `lib` and `at`, a path, are in its scope. */
async function inWorker(code, at) {
  const source = `const { root, at } = require('worker_threads').workerData; const lib = require(root); ${code}`;
  const worker = new Worker(source, { eval: true, workerData: { root, at } });
  const [exitCode] = await once(worker, 'exit');
  assert.strictEqual(exitCode, 0);
}

isolated('row 15: sockets of the main thread work after a worker that loaded the module has ended', async (t) => {
  const at = sockPath(t);
  const receiver = datagram(t, at);
  const { client, peer } = await connected(t);
  await inWorker('');
  datagram(t).sendTo(Buffer.from('dgram'), 0, 5, at);
  client.write(Buffer.from('seqpacket'));
  const received = await Promise.all([receiver, peer].map((socket) => once(socket, 'data')));
  assert.deepStrictEqual(
    received.map(([data]) => String(data)),
    ['dgram', 'seqpacket'],
  );
});

const talksAndExits = `
const server = new lib.SeqpacketServer();
server.listen(at);
server.on('connection', (peer) => peer.on('data', () => process.exit(0)));
const client = new lib.SeqpacketSocket();
client.connect(at);
client.on('connect', () => client.write(Buffer.from('x')));
const socket = new lib.DgramSocket();
socket.bind(at + '.dgram');
`;

isolated('row 15: several workers, one after the other, can use sockets', async (t) => {
  for (let i = 0; i < 3; i++) await inWorker(talksAndExits, sockPath(t));
});

isolated('row 15: a worker that exits leaves no descriptor open', async (t) => {
  await inWorker(''); // Node.js opens descriptors for the first worker
  const before = openFds();
  await inWorker(talksAndExits, sockPath(t));
  await eventually(() => openFds() <= before, 'no more descriptors than before');
});

// A cluster with two workers that listen on one port with SO_REUSEPORT. Prints a line for each.
const cluster = `
const cluster = require('cluster');
const http = require('http');
const [root, port] = process.argv.slice(2);
const lib = require(root);
// 0.2.7 documents listen({ fd }).
const listen = lib.listenReuseport ||
  ((server, { port, host }, cb) => server.listen({ fd: lib.createReuseportFd(port, host) }, cb));
if (cluster.isMaster) {
  let listening = 0;
  for (let i = 0; i < 2; i++) {
    cluster.fork()
      .on('message', (message) => {
        console.log(message);
        if (++listening === 2) for (const id in cluster.workers) cluster.workers[id].process.kill();
      });
  }
} else {
  const server = http.createServer();
  server.on('error', (err) => process.send('failed: ' + err.message));
  listen(server, { port: Number(port), host: '127.0.0.1' }, () => process.send('listening'));
}
`;

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

isolated('row 37: cluster workers share a port with SO_REUSEPORT', async (t) => {
  const script = path.join(tmp(t), 'cluster.js'); // cluster.fork() needs a file
  fs.writeFileSync(script, cluster);
  const run = 'process.argv.splice(1, 1, ...args); require(args[0]);';
  const { stdout, stderr } = await runChild(t, run, { args: [script, root, await freePort()] });
  assert.deepStrictEqual(stdout.split('\n'), ['listening', 'listening', ''], stderr);
});

/** Traffic on sockets of every class, with process.exit(7) in the place `where`. */
const traffic = `
const lib = require(args.root);
const { at } = args;
const exit = (where) => args.where === where && process.exit(7);
const server = new lib.SeqpacketServer();
server.listen(at);
const client = new lib.SeqpacketSocket();
const receiver = new lib.DgramSocket();
receiver.bind(at + '.dgram');
const sender = new lib.DgramSocket();
server.on('connection', (peer) => {
  exit('connection');
  peer.on('data', () => {
    exit('data of a connection');
    peer.end(() => exit('callback of end'));
  });
});
receiver.on('data', () => exit('data of a datagram socket'));
client.on('end', () => exit('end'));
client.on('connect', () => {
  exit('connect');
  for (let i = 0; i < 100; i++) {
    client.write(Buffer.alloc(16384), 0, 16384, () => i === 60 && exit('late callback of write'));
    sender.sendTo(Buffer.alloc(16), 0, 16, at + '.dgram', () => i === 60 && exit('late callback of sendTo'));
  }
  setImmediate(() => exit('everything open'));
});
client.connect(at);
`;

const places = [
  'connection',
  'connect',
  'data of a connection',
  'data of a datagram socket',
  'late callback of write',
  'late callback of sendTo',
  'callback of end',
  'end',
  'everything open',
];

for (const where of places) {
  for (const [thread, what] of [
    ['main thread', 'compatibility'], // 0.2.7 exits without an error in the main thread
    ['worker', 'row 38'],
  ]) {
    isolated(`${what}: process.exit() in the ${thread} ends it with the exit code: ${where}`, async (t) => {
      const args = { root, at: sockPath(t), where };
      const inThread = `
        const { Worker } = require('worker_threads');
        new Worker('globalThis.args = require("worker_threads").workerData;' + args.source, { eval: true, workerData: args })
          .on('exit', (code) => { process.exitCode = code; });`;
      const options = { args: { ...args, source: traffic } };
      const { code, signal, stderr } = await runChild(t, thread === 'worker' ? inThread : traffic, options);
      assert.deepStrictEqual({ code, signal, stderr }, { code: 7, signal: null, stderr: '' });
    });
  }
}
