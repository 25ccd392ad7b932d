'use strict';
// Child processes inherit no descriptor of the library: with spawn, fork and exec, in workers, and while another
// thread creates descriptors.

const { test } = require('node:test');
const assert = require('node:assert');
const { execFileSync, fork, spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { deadline, sockPath, tmp } = require('../../helpers');
const { descriptors, target } = require('../../helpers/descriptors');
const { openFile } = require('../../helpers/files');
const { connected, dgram, fill, messages, pair } = require('../../helpers/sockets');
const { lib, root } = require('../../helpers/lib');

const options = { timeout: deadline, skip: process.platform !== 'linux' && 'Linux only' };
const LIST = `const fs = require('fs');
  const text = fs.readdirSync('/proc/self/fd').map((fd) => {
    try { return fs.readlinkSync('/proc/self/fd/' + fd); } catch { return ''; }
  }).join('\\n');`;
const nodeArgs = ['-e', `${LIST} process.stdout.write(text)`];

async function output(child) {
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  return text;
}

/** Lists the open descriptors of a child process, for each way to start one. */
const children = {
  spawn: () => output(spawn(process.execPath, nodeArgs, { stdio: ['ignore', 'pipe', 'ignore'] })),
  'spawn with a shell': () =>
    output(spawn('ls -l /proc/self/fd', { shell: true, stdio: ['ignore', 'pipe', 'ignore'] })),
  spawnSync: async () => spawnSync(process.execPath, nodeArgs, { encoding: 'utf8' }).stdout,
  execFileSync: async () => execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' }),
  async fork(t) {
    const script = path.join(tmp(t), 'script.js');
    fs.writeFileSync(script, `${LIST} process.send(text, () => process.disconnect());`);
    const [text] = await once(fork(script), 'message');
    return text;
  },
  async 'spawn in a worker'() {
    const source = `const { spawnSync } = require('child_process');
      const { parentPort, workerData } = require('worker_threads');
      parentPort.postMessage(spawnSync(process.execPath, workerData, { encoding: 'utf8' }).stdout);`;
    const [text] = await once(new Worker(source, { eval: true, workerData: nodeArgs }), 'message');
    return text;
  },
};

/** Creates one of each object that has a descriptor. */
async function everything(t) {
  const { client } = await connected(t);
  client.on('error', () => {});
  pair(t, 'dgram');
  // A full destination has a descriptor of its own, and a queued message has duplicates of its descriptors.
  const full = dgram(t, sockPath(t)).pause();
  const sender = dgram(t);
  sender.on('error', () => {});
  fill(sender, 1000, full.address());
  sender.send('waits', full.address(), { fds: [openFile(t)] }, () => {});
  const reuseport = lib.createReuseportFd();
  t.after(() => lib.closeFd(reuseport));
  const tcp = net.createServer();
  await lib.listenReuseport(tcp, { port: 0, host: '127.0.0.1' });
  t.after(() => tcp.close());
  // A received descriptor.
  const [a, b] = pair(t, 'seqpacket', { receiveFds: true });
  a.write('one', { fds: [openFile(t, 'received')] });
  const [{ info }] = await messages(b, 1);
  t.after(() => info.fds.map((fd) => fs.closeSync(fd)));
}

test('child processes inherit no descriptor of the library', options, async (t) => {
  const before = new Set(descriptors().map(target));
  await everything(t);
  const own = descriptors()
    .map(target)
    .filter((name) => !before.has(name) && !/^(pipe|anon_inode):/.test(name));
  assert.ok(own.length >= 12, `only ${own}`);
  for (const [how, list] of Object.entries(children)) {
    const text = await list(t);
    assert.match(text, /\/proc|pipe:|\/fd/, how);
    for (const name of own) assert.ok(!text.includes(name), `${how}: ${name} in the child`);
  }
});

test('child processes inherit no descriptor that another thread is creating', options, async (t) => {
  const source = `const { parentPort, workerData } = require('worker_threads');
    const lib = require(workerData.root);
    const server = new lib.SeqpacketServer().listen(workerData.path);
    server.on('connection', (peer) => peer.destroy());
    let going = true;
    parentPort.once('message', () => { going = false; server.close(); });
    (function more() {
      if (!going) return;
      for (const type of ['seqpacket', 'dgram']) for (const socket of lib.createSocketPair(type)) socket.close();
      lib.closeFd(lib.createReuseportFd());
      const client = new lib.SeqpacketSocket();
      client.connect(workerData.path);
      client.destroy();
      parentPort.postMessage(1);
      setImmediate(more);
    })();`;
  const worker = new Worker(source, { eval: true, workerData: { root, path: sockPath(t) } });
  t.after(() => worker.terminate());
  let rounds = 0;
  worker.on('message', () => rounds++);
  await once(worker, 'message');
  for (let i = 0; i < 50; i++) {
    const child = spawn('ls', ['-l', '/proc/self/fd'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const text = await output(child);
    // The standard output of the child may be a socket, because libuv creates pipes as sockets.
    const sockets = text.split('\n').filter((line) => line.includes('socket:') && !/ 1 -> /.test(line));
    assert.deepStrictEqual(sockets, []);
  }
  assert.ok(rounds > 50, `${rounds} rounds`);
  worker.postMessage('stop');
  await once(worker, 'exit');
});
