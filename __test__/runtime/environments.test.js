'use strict';
// The main thread, worker threads and several copies of the package in one process, and every way an environment ends.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const { eventually, openFds, runChild, tmp } = require('../helpers');
const { startTraffic } = require('../fixtures/environments/traffic');
const { isolated } = require('../helpers/isolated');
const { lib, root } = require('../helpers/lib');
const { messages } = require('../helpers/sockets');

const workerFile = path.join(__dirname, '..', 'fixtures', 'environments', 'worker.js');

/** A worker with traffic, when it is running. `exit` resolves to its exit code, or to the error that ended it. */
async function startWorker(t, act) {
  const worker = new Worker(workerFile, { workerData: { root, folder: tmp(t), act } });
  const exit = new Promise((resolve) => {
    worker.once('exit', resolve);
    worker.once('error', resolve);
  });
  await new Promise((resolve) => worker.once('message', resolve)); // once() would reject on 'error'
  return { worker, exit };
}

/** Runs `body` during traffic in this thread, which must continue, and then checks that no descriptor is left open. */
async function besideTraffic(t, body) {
  await startWorker(t, 'stop').then(({ exit }) => exit); // Node.js opens descriptors for the first worker
  const before = openFds();
  const traffic = startTraffic(lib, tmp(t));
  await eventually(() => traffic.rounds() > 0, 'the first echo');
  await body();
  const seen = traffic.rounds();
  await eventually(() => traffic.rounds() > seen + 10, 'more echoes in the main thread');
  traffic.stop();
  await eventually(() => openFds() <= before, 'no more descriptors than before');
}

for (const [act, outcome] of Object.entries({ stop: 0, exit: 5 })) {
  isolated(`four workers at once end cleanly: ${act}`, (t) =>
    besideTraffic(t, async () => {
      const workers = await Promise.all(Array.from({ length: 4 }, () => startWorker(t, act)));
      assert.deepStrictEqual(await Promise.all(workers.map(({ exit }) => exit)), Array(4).fill(outcome));
    }),
  );
}

isolated('an exception in a listener ends its worker only', (t) =>
  besideTraffic(t, async () => {
    const { exit } = await startWorker(t, 'throw');
    assert.strictEqual((await exit).message, 'thrown by a listener');
  }),
);

for (const [act, what] of Object.entries({
  'go on': 'with traffic',
  spin: 'in the middle of a listener',
  nest: 'that have a worker of their own',
})) {
  isolated(`workers ${what} can be terminated`, (t) =>
    besideTraffic(t, async () => {
      for (let round = 0; round < 3; round++) {
        const workers = await Promise.all([startWorker(t, act), startWorker(t, act)]);
        await sleep(Math.random() * 5); // a random moment of the traffic
        await Promise.all(workers.map(({ worker }) => worker.terminate()));
      }
    }),
  );
}

isolated("a worker whose sockets are unref'ed ends", async (t) => {
  const source = `
    const { root, folder } = require('worker_threads').workerData;
    const lib = require(root);
    new lib.SeqpacketServer().listen(folder + '/server').unref();
    const client = new lib.SeqpacketSocket();
    client.connect(folder + '/server');
    client.unref();
    const socket = new lib.DgramSocket();
    socket.bind(folder + '/socket');
    socket.unref();`;
  const worker = new Worker(source, { eval: true, workerData: { root, folder: tmp(t) } });
  assert.deepStrictEqual(await once(worker, 'exit'), [0]);
});

/** Ways to end a process. Scripts can use `startWorker`, `traffic` and `running`, a promise of the 50th echo. */
const processEnds = {
  'process.exit() with open sockets': { script: 'running.then(() => process.exit(3));', code: 3 },
  'process.exit() with workers with traffic': {
    script: "Promise.all([1, 2, 3].map(() => startWorker('go on'))).then(() => process.exit(3));",
    code: 3,
  },
  'process.exit() with a worker in a listener': {
    script: "startWorker('spin').then(() => process.exit(3));",
    code: 3,
  },
  "process.exit() in 'exit'": {
    script: "process.on('exit', () => process.exit(4)); running.then(() => process.exit(3));",
    code: 4,
  },
  "closing sockets in 'exit'": {
    script: "process.on('exit', () => traffic.stop()); running.then(() => process.exit(3));",
    code: 3,
  },
  'an uncaught exception': {
    script: "running.then(() => setImmediate(() => { throw new Error('on purpose'); }));",
    code: 1,
  },
  'SIGTERM sent to itself': { script: "running.then(() => process.kill(process.pid, 'SIGTERM'));", signal: 'SIGTERM' },
  'process.exitCode and closed sockets': {
    script: 'running.then(() => { process.exitCode = 6; traffic.stop(); });',
    code: 6,
  },
};

const prelude = `
const fs = require('fs');
const { startTraffic } = require(args.traffic);
const { Worker } = require('worker_threads');
let started = 0;
const startWorker = (act) => new Promise((resolve) => {
  const folder = process.cwd() + '/worker' + started++;
  fs.mkdirSync(folder);
  new Worker(args.worker, { workerData: { root: libPath, folder, act } }).once('message', resolve);
});
let traffic;
const running = new Promise((resolve) => { traffic = startTraffic(lib, process.cwd(), (round) => round === 50 && resolve()); });
`;

for (const [what, { script, code = null, signal = null }] of Object.entries(processEnds)) {
  isolated(`a process ends with the right exit code or signal: ${what}`, async (t) => {
    const args = { traffic: path.join(__dirname, '..', 'fixtures', 'environments', 'traffic.js'), worker: workerFile };
    const result = await runChild(t, prelude + script, { args });
    assert.deepStrictEqual({ code: result.code, signal: result.signal }, { code, signal }, result.stderr);
    if (code !== 1) assert.strictEqual(result.stderr, '');
  });
}

/** A copy of the package in another folder. */
function copyOf(t) {
  const folder = path.join(tmp(t), 'copy');
  fs.mkdirSync(folder);
  const binaries = fs.readdirSync(root).filter((name) => name.endsWith('.node'));
  for (const name of ['package.json', 'js', ...binaries]) {
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  return folder;
}

/** Exchanges messages between sockets of two copies in one thread. */
async function talk(t, one, other) {
  const at = path.join(tmp(t), 's');
  const server = new one.SeqpacketServer().listen(at);
  const client = new other.SeqpacketSocket();
  client.connect(at);
  const [peer] = await once(server, 'connection');
  assert.ok(peer instanceof one.SeqpacketSocket && client instanceof other.SeqpacketSocket);
  client.write('from one copy');
  assert.strictEqual(String((await messages(peer, 1))[0].data), 'from one copy');
  peer.write('to the other');
  assert.strictEqual(String((await messages(client, 1))[0].data), 'to the other');
  for (const socket of [server, client, peer]) socket.close();
}

isolated('two copies of the package work in one thread', async (t) => {
  const copy = require(copyOf(t));
  assert.notStrictEqual(copy.SeqpacketSocket, lib.SeqpacketSocket);
  await talk(t, lib, copy);
  await talk(t, copy, lib);
});

isolated('a copy that is loaded twice works in one thread', async (t) => {
  const first = Object.assign({}, require(root));
  for (const name of Object.keys(require.cache))
    if (name.startsWith(root) && !name.includes('__test__')) delete require.cache[name];
  const second = require(root);
  assert.notStrictEqual(first.SeqpacketSocket, second.SeqpacketSocket);
  await talk(t, first, second);
});

isolated('workers with another copy of the package than the main thread can be terminated', async (t) => {
  const folder = copyOf(t);
  await besideTraffic(t, async () => {
    for (const name of [folder, root, folder]) {
      const worker = new Worker(workerFile, { workerData: { root: name, folder: tmp(t), act: 'go on' } });
      await once(worker, 'message');
      await worker.terminate();
    }
  });
});
