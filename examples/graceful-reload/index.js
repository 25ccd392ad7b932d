'use strict';

/**
 * Replaces the workers of a port while clients send requests, and kills workers that have connections in their queues. No
 * request fails as long as the primary keeps the listening sockets. One command: node examples/graceful-reload
 */

const assert = require('assert');
const { fork } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const http = require('http');
const { closeFd, createReuseportFd } = require('../..');
const { example, until } = require('../lib/example');
const { Primary } = require('./primary');

const HOST = '127.0.0.1';
const SCRIPT = require.resolve('./worker');
const RELOADS = 3;
const CLIENTS = 16; // every second one reuses its connection (keep-alive)
const QUEUED = 20;

/** Resolves to the pid of the worker that answered. */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      response.setEncoding('utf8').on('data', (pid) => resolve(Number(pid)));
      response.on('error', reject);
    });
  });
}

/** Sends one request after the other until `load.done`. */
async function client(port, agent, load) {
  while (!load.done) {
    try {
      const pid = await answer(http.get({ port, host: HOST, agent }));
      load.answers.set(pid, (load.answers.get(pid) || 0) + 1);
    } catch (err) {
      load.failures.push(err);
    }
  }
  if (agent) agent.destroy();
}

async function reloadUnderLoad(primary) {
  console.log(`${RELOADS} reloads while ${CLIENTS} clients send requests`);
  const load = { done: false, answers: new Map(), failures: [] };
  const clients = Array.from({ length: CLIENTS }, (_, i) => {
    const agent = i % 2 === 0 && new http.Agent({ keepAlive: true, maxSockets: 1 });
    return client(primary.port, agent, load);
  });
  const pids = () => primary.slots.map(({ worker }) => worker.pid).join(', ');
  for (let i = 0; i < RELOADS; i++) {
    const before = pids();
    await primary.reload();
    console.log(`  workers ${before} replaced by ${pids()}`);
  }
  load.done = true;
  await Promise.all(clients);
  const total = [...load.answers.values()].reduce((sum, count) => sum + count, 0);
  console.log(`  ${total} requests answered by ${load.answers.size} workers, ${load.failures.length} failed`);
  assert.deepStrictEqual(load.failures, []);
}

/** Kills the workers while connections wait in the queues of their sockets. Resolves to the outcomes of the requests. */
async function killWithQueue(port, workers) {
  for (const worker of workers) {
    worker.kill('SIGSTOP');
    await until(() => / T /.test(fs.readFileSync(`/proc/${worker.pid}/stat`, 'latin1')), 'the worker to stop');
  }
  let connected = 0;
  const outcomes = Array.from({ length: QUEUED }, () => {
    const request = http.get({ port, host: HOST, agent: false });
    request.on('socket', (socket) => socket.on('connect', () => connected++));
    return answer(request).then(
      () => 'answered',
      (err) => err.code,
    );
  });
  await until(() => connected === QUEUED, 'the kernel to complete the connections');
  for (const worker of workers) worker.kill('SIGKILL');
  return Promise.all(outcomes);
}

example([], async () => {
  const primary = new Primary({ script: SCRIPT, workers: 2, host: HOST });
  await primary.start();
  await reloadUnderLoad(primary);

  console.log(`workers killed with ${QUEUED} connections in their queues`);
  const workers = primary.slots.map(({ worker }) => worker);
  const kept = await killWithQueue(primary.port, workers);
  console.log(`  the primary keeps the sockets: ${kept.filter((outcome) => outcome === 'answered').length} answered`);
  assert.deepStrictEqual(new Set(kept), new Set(['answered']));
  await primary.close();

  const fd = createReuseportFd(0, HOST);
  const worker = fork(SCRIPT, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc', fd] });
  closeFd(fd);
  const [{ port }] = await once(worker, 'message');
  const lost = await killWithQueue(port, [worker]);
  console.log(`  only the worker has its socket: ${lost.filter((outcome) => outcome === 'ECONNRESET').length} reset`);
  assert.deepStrictEqual(new Set(lost), new Set(['ECONNRESET']));
});
