'use strict';
// node exits.js HOW MS: traffic on sockets of every class in the main thread and in a worker; the process ends as HOW
// says after MS milliseconds. Prints 'running' once all is under way.

const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { root } = require('../helpers/lib');

const [how, ms] = process.argv.slice(2);
const workerData = { libPath: root };

const END = {
  exit: () => process.exit(0),
  throw: () => {
    throw new Error('planned');
  },
  term: () => process.kill(process.pid, 'SIGTERM'),
  reject: () => Promise.reject(new Error('planned')),
  callback: () => {
    const { lib } = require('../helpers/lib');
    const [a, b] = lib.createSocketPair('seqpacket');
    b.on('data', () => process.exit(0));
    a.write('x');
  },
};

const worker = new Worker(path.join(__dirname, 'traffic.js'), { workerData });
worker.once('message', () => {
  // The same file in this thread, without a parent.
  const threads = require('node:worker_threads');
  threads.workerData = workerData;
  threads.parentPort = { postMessage: () => console.log('running') };
  require('./traffic');
  setTimeout(END[how], Number(ms));
});
