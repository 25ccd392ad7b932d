'use strict';

/**
 * A worker with traffic. workerData: { root, folder, act }; `act` says what it does after a hundred echoes:
 * 'stop' closes everything, 'exit' and 'throw' do that in the 'data' listener, 'spin' never returns from it,
 * 'go on' leaves it running, 'nest' starts another worker like it. It posts 'running' then.
 */
const fs = require('node:fs');
const path = require('node:path');
const { Worker, parentPort, workerData } = require('node:worker_threads');
const { startTraffic } = require('./traffic');

const { root, folder, act } = workerData;

const acts = {
  stop: (traffic) => traffic.stop(),
  exit: () => process.exit(5),
  throw: () => {
    throw new Error('thrown by a listener');
  },
  spin: () => {
    for (;;);
  },
  'go on': () => {},
};

function run(then) {
  const traffic = startTraffic(require(root), folder, (round) => {
    if (round !== 100) return;
    parentPort.postMessage('running');
    then(traffic);
  });
}

if (act === 'nest') {
  const inner = path.join(folder, 'inner');
  fs.mkdirSync(inner);
  const worker = new Worker(__filename, { workerData: { root, folder: inner, act: 'go on' } });
  worker.once('message', () => run(acts['go on']));
} else {
  run(acts[act]);
}
