'use strict';
// Uses every class once, on Node.js 12 and later, without a test runner. Prints a line for each check. Exits with code 1
// after the first failure, and ends when all checks have passed.

const assert = require('assert');
const cluster = require('cluster');
const { once } = require('events');
const fs = require('fs');
const http = require('http');
const net = require('net');
const os = require('os');
const path = require('path');
const { Worker } = require('worker_threads');

// Under an emulator, execPath is a binary that this machine cannot start. release:check names a script that starts it.
if (process.env.SMOKE_EXEC_PATH) process.execPath = process.env.SMOKE_EXEC_PATH;

const root = path.join(__dirname, '..', '..');
const lib = require(root);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-'));
const LIMIT = 20000 * (Number(process.env.TEST_SLOWNESS) || 1);

const turn = () => new Promise((resolve) => setImmediate(resolve));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const LINUX = process.platform === 'linux';
const openFds = () => fs.readdirSync(LINUX ? '/proc/self/fd' : '/dev/fd').length;
const closed = (...sockets) =>
  Promise.all(sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve).close())));

/** The next n messages as strings. */
function texts(socket, n) {
  return new Promise((resolve) => {
    const got = [];
    socket.on('data', function onData(data) {
      if (got.push(data.toString()) < n) return;
      socket.removeListener('data', onData);
      resolve(got);
    });
  });
}

async function seqpacket() {
  const server = new lib.SeqpacketServer();
  server.listen(path.join(folder, 'q'));
  const client = new lib.SeqpacketSocket();
  client.connect(path.join(folder, 'q'));
  const [[peer]] = await Promise.all([once(server, 'connection'), once(client, 'connect')]);
  client.write('one');
  client.write('');
  client.write(Buffer.from('xthreex'), 1, 5);
  client.cork();
  client.write(['fo', 'ur']);
  client.uncork();
  assert.deepStrictEqual(await texts(peer, 4), ['one', '', 'three', 'four']);
  await new Promise((resolve, reject) => peer.write('answer', (err) => (err ? reject(err) : resolve())));
  assert.deepStrictEqual(await texts(client, 1), ['answer']);
  const large = Buffer.alloc(100000, 'l');
  for (let i = 0; i < 20; i++) client.write(large);
  assert.ok(client.writableLength > 0);
  const got = await texts(peer, 20);
  assert.ok(got.every((text) => text.length === large.length));
  assert.strictEqual(client.peerCredentials().pid, process.pid);
  peer.on('data', () => {});
  client.on('data', () => {});
  const ended = once(peer, 'end');
  const gone = Promise.all([once(peer, 'close'), once(client, 'close')]);
  client.end();
  await ended;
  peer.end();
  await gone;
  await closed(server);
}

async function datagram() {
  const a = new lib.DgramSocket();
  const b = new lib.DgramSocket();
  a.bind(path.join(folder, 'a'));
  if (LINUX) b.bind();
  else b.bind(path.join(folder, 'b'));
  for (let i = 0; i < 2000; i++) a.send(String(i), b.address());
  const got = await texts(b, 2000);
  assert.ok(got.every((text, i) => text === String(i)));
  b.connect(path.join(folder, 'a'));
  b.send('back');
  const [data, from] = await once(a, 'data');
  assert.strictEqual(data.toString(), 'back');
  assert.strictEqual(from, b.address());
  await closed(a, b);
}

async function descriptorsAndCredentials() {
  const [a, b] = lib.createSocketPair('seqpacket', { receiveFds: true, receiveCredentials: true });
  const fd = fs.openSync(__filename, 'r');
  a.write('file', { fds: [fd] });
  fs.closeSync(fd);
  const [, info] = await once(b, 'data');
  assert.strictEqual(info.fds.length, 1);
  assert.strictEqual(info.credentials.pid, process.pid);
  assert.ok(fs.readFileSync(info.fds[0], 'utf8').startsWith("'use strict'"));
  fs.closeSync(info.fds[0]);
  await closed(a, b);
}

async function errors() {
  const socket = new lib.SeqpacketSocket();
  assert.throws(() => socket.connect(path.join(folder, 'nobody')), { code: 'ENOENT', syscall: 'connect' });
  assert.throws(() => socket.write('x'), { code: 'ERR_SOCKET_CLOSED' });
  const [a, b] = lib.createSocketPair('dgram');
  assert.throws(() => a.send(5), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => a.bind('a\0b'), { code: 'ERR_INVALID_ARG_VALUE' });
  const failed = await new Promise((resolve) => a.send('x', path.join(folder, 'nobody'), resolve));
  assert.ok(['ENOENT', 'EISCONN'].indexOf(failed.code) >= 0, failed.code);
  const thrown = once(process, 'uncaughtException');
  b.once('data', () => {
    throw new Error('planned');
  });
  const keep = () => {};
  process.on('uncaughtException', keep);
  a.send('boom');
  const [err] = await thrown;
  assert.strictEqual(err.message, 'planned');
  process.removeListener('uncaughtException', keep);
  a.send('still alive');
  assert.deepStrictEqual(await texts(b, 1), ['still alive']);
  await closed(a, b);
}

async function asynchronous() {
  const [a, b] = lib.createSocketPair('seqpacket');
  for (let i = 0; i < 5; i++) a.write(String(i));
  a.end();
  const got = [];
  for await (const data of b) got.push(data.toString());
  assert.deepStrictEqual(got, ['0', '1', '2', '3', '4']);
  await closed(a, b);
  const [c, d] = lib.createSocketPair('seqpacket');
  const duplex = d.toDuplex();
  c.write('through a stream');
  const [chunk] = await once(duplex, 'data');
  assert.strictEqual(chunk.toString(), 'through a stream');
  duplex.destroy();
  await closed(c);
}

async function byteStream() {
  const [a, b] = lib.createSocketPair('seqpacket').map((socket) => socket.toDuplex({ bytes: true }));
  const server = http.createServer((request, response) => request.pipe(response));
  server.emit('connection', b);
  const agent = new http.Agent({ keepAlive: true });
  agent.createConnection = () => a;
  for (let i = 0; i < 3; i++) {
    const request = http.request({ agent, method: 'POST' });
    request.end(Buffer.alloc(1e6, 'x'));
    const [response] = await once(request, 'response');
    let length = 0;
    for await (const chunk of response) length += chunk.length;
    assert.strictEqual(length, 1e6);
    await turn(); // the agent takes the stream back
  }
  agent.destroy();
  await once(b, 'close');
}

async function reuseport() {
  const fd = lib.createReuseportFd(0, '127.0.0.1');
  const server = net.createServer((socket) => socket.end('hello'));
  server.listen({ fd });
  await once(server, 'listening');
  const socket = net.connect(server.address().port, '127.0.0.1');
  const [data] = await once(socket, 'data');
  assert.strictEqual(data.toString(), 'hello');
  assert.ok(lib.getFd(server) > 2 && lib.getFd(socket) > 2);
  socket.destroy();
  server.close();
  await once(server, 'close');
  lib.closeFd(lib.createReuseportFd());
}

/** Runs in a cluster worker. */
function serveInWorker() {
  const server = net.createServer((socket) => socket.end('worker'));
  lib.listenReuseport(server, { port: Number(process.env.PORT), host: '127.0.0.1' }, () => {
    process.send(server.address().port);
  });
}

/** A cluster worker listens on the port of a server here without the help of the primary, and ends when it disconnects. */
async function clusterWorker() {
  const server = lib.listenReuseport(net.createServer(), { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address();
  const worker = cluster.fork({ PORT: String(port) });
  cluster.on('listening', () => assert.fail('the primary was asked for a socket'));
  assert.strictEqual((await once(worker, 'message'))[0], port);
  server.close();
  await once(server, 'close');
  const [data] = await once(net.connect(port, '127.0.0.1'), 'data');
  assert.strictEqual(data.toString(), 'worker');
  worker.disconnect();
  assert.deepStrictEqual(await once(worker, 'exit'), [0, null]);
}

const WORKER = `
  const { parentPort, workerData } = require('worker_threads');
  const lib = require(workerData);
  const flood = (a, b, send) => {
    b.on('data', () => {});
    const more = () => { for (let i = 0; i < 50; i++) a[send]('traffic', () => {}); setImmediate(more); };
    more();
  };
  for (let i = 0; i < 3; i++) flood(...lib.createSocketPair('seqpacket'), 'write');
  flood(...lib.createSocketPair('dgram'), 'send');
  new lib.SeqpacketServer().listen('\\0nus-smoke-' + process.pid + '-' + require('worker_threads').threadId);
  parentPort.postMessage('running');
`;

/** Workers that are terminated during traffic affect neither each other nor this thread and leave no descriptor open. */
async function workers() {
  const [a, b] = lib.createSocketPair('seqpacket');
  let echoes = 0;
  b.on('data', (data) => b.write(data));
  a.on('data', () => {
    echoes++;
    a.write('ping');
  });
  a.write('ping');
  const before = await settledFds();
  for (let round = 0; round < 5; round++) {
    const running = [0, 1].map(() => new Worker(WORKER, { eval: true, workerData: root }));
    await Promise.all(running.map((worker) => once(worker, 'message')));
    await sleep(Math.random() * 20);
    await Promise.all(running.map((worker) => worker.terminate()));
    const seen = echoes;
    while (echoes === seen) await turn();
  }
  for (let i = 0; i < 500 && (await settledFds()) > before; i++) await sleep(2);
  assert.ok(openFds() <= before, `${openFds() - before} descriptors leaked by workers`);
  await closed(a, b);
}

/** The number of open descriptors after a turn of the event loop. */
async function settledFds() {
  await turn();
  return openFds();
}

async function main() {
  const timer = setTimeout(() => {
    console.log('not ok: timeout');
    process.exit(1);
  }, LIMIT);
  // Node.js opens descriptors for the first worker and the first server, and keeps them.
  await once(new Worker('', { eval: true }), 'exit');
  const first = net.createServer().listen(0);
  await once(first, 'listening');
  await once(first.close(), 'close');
  const everywhere = [datagram, reuseport, clusterWorker];
  const needSeqpacket = [seqpacket, descriptorsAndCredentials, errors, asynchronous, byteStream, workers];
  for (const check of LINUX ? everywhere.concat(needSeqpacket) : everywhere) {
    const before = await settledFds();
    await check();
    for (let i = 0; i < 100 && (await settledFds()) > before; i++) await sleep(1);
    assert.ok(openFds() <= before, `${check.name}: ${openFds() - before} descriptors leaked`);
    console.log(`ok ${check.name}`);
  }
  clearTimeout(timer);
  if (fs.rmSync) fs.rmSync(folder, { recursive: true });
  else fs.rmdirSync(folder, { recursive: true });
}

process.on('unhandledRejection', (err) => {
  console.log(`not ok: ${err.stack}`);
  process.exit(1);
});
if (cluster.isWorker) serveInWorker();
else main();
