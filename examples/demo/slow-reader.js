'use strict';

/** Many datagrams to a process that is blocked at first and slow afterwards. They wait in order, and none is lost. */

const { DgramSocket } = require('../..');
const { startRole, roles, report } = require('./roles');
const { line, number, rate, withProgress } = require('./terminal');

const COUNT = 20000;
const BLOCKED = 1500; // ms
const SLOW = 1000; // the first messages, which take 1 ms each

/** Blocks the thread. */
const block = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

roles(module, {
  reader(path) {
    const socket = new DgramSocket();
    let [arrived, inOrder] = [0, 0];
    socket.on('data', (message) => {
      if (message.length === 0) return report({ result: { arrived, inOrder } });
      if (Number(message.toString()) === arrived) inOrder++;
      arrived++;
      if (arrived < SLOW) block(1);
      if (arrived % 200 === 0) report({ progress: 200 });
    });
    socket.bind(path);
    report({ ready: true });
    process.once('message', block);
  },

  sender(path) {
    const socket = new DgramSocket();
    let failed = 0;
    const burstCpu = process.cpuUsage();
    for (let i = 0; i < COUNT; i++) {
      socket.send(String(i), path, (err) => {
        if (err) failed++;
      });
    }
    socket.send('', path, () => socket.close()); // an empty message marks the end
    socket.on('close', () => report({ result: { failed } }));
    report({ queued: { bytes: socket.writableLength, cpu: milliseconds(process.cpuUsage(burstCpu)) } });
    const waiting = process.cpuUsage();
    setTimeout(() => report({ waited: milliseconds(process.cpuUsage(waiting)) }), BLOCKED / 2);
  },
});

function milliseconds({ user, system }) {
  return (user + system) / 1000;
}

/** Sends the burst and resolves to the reports of both processes. */
async function burst(dir, addProgress) {
  const reader = startRole(__filename, 'reader', `${dir}/reader`);
  await reader.next('ready');
  reader.send(BLOCKED);
  reader.on('progress', addProgress);
  const start = Date.now();
  const sender = startRole(__filename, 'sender', `${dir}/reader`);
  const reports = ['queued', 'waited', 'result'].map((name) => sender.next(name));
  const [queued, waited, { failed }, { arrived, inOrder }] = await Promise.all([...reports, reader.next('result')]);
  return { queued, waited, failed, arrived, inOrder, ms: Date.now() - start };
}

/** Resolves to a list of problems. */
async function run(dir) {
  const { queued, waited, failed, arrived, inOrder, ms } = await withProgress(COUNT, 'arrived', (add) =>
    burst(dir, add),
  );
  line(
    `${number(queued.bytes)} bytes queued in ${number(queued.cpu)} ms; then ${waited.toFixed(1)} ms of CPU time in ${number(BLOCKED / 2)} ms of waiting`,
  );
  line(
    `${number(arrived)} arrived, ${number(inOrder)} of them in order, ${rate(arrived, ms)} a second, the sleep of the reader included`,
  );
  const problems = [];
  if (failed > 0) problems.push(`datagrams that could not be sent: ${number(failed)}`);
  if (inOrder !== COUNT) problems.push(`datagrams lost or out of order: ${number(COUNT - inOrder)}`);
  return problems;
}

module.exports = {
  why: 'Datagrams between local processes. node:dgram has only UDP, which drops messages when a receiver is slow.',
  title: 'A burst of datagrams to a slow reader',
  setting: `${number(COUNT)} datagrams at once to a process that is blocked for ${number(BLOCKED)} ms and then takes 1 ms for each of the first ${number(SLOW)}.`,
  run,
  shown: [
    'This shows that datagrams wait for a full receiver, in order, almost without CPU time.',
    'Code: examples/demo/slow-reader.js. Guides: docs/guides/datagrams.md, docs/guides/congestion.md.',
  ],
};
