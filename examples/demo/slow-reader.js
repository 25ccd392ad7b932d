'use strict';

/** Many datagrams to a process that is blocked at first and slow afterwards. They wait in order, and none is lost. */

const { DgramSocket } = require('../..');
const { play, roles, tell } = require('./roles');
const { title, line, number, rate, Progress } = require('./terminal');

const COUNT = 20000;
const STUCK = 1500; // ms
const SLOW = 1000; // the first messages, which take 1 ms each

/** Blocks the thread. */
const stuck = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

roles(module, {
  reader(path) {
    const socket = new DgramSocket();
    let [arrived, inOrder] = [0, 0];
    socket.on('data', (message) => {
      if (message.length === 0) return tell({ result: { arrived, inOrder } });
      if (Number(message.toString()) === arrived) inOrder++;
      arrived++;
      if (arrived < SLOW) stuck(1);
      if (arrived % 200 === 0) tell({ progress: 200 });
    });
    socket.bind(path);
    tell({ ready: true });
    process.once('message', stuck);
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
    socket.on('close', () => tell({ result: { failed } }));
    tell({ queued: { bytes: socket.writableLength, cpu: milliseconds(process.cpuUsage(burstCpu)) } });
    const waiting = process.cpuUsage();
    setTimeout(() => tell({ waited: milliseconds(process.cpuUsage(waiting)) }), STUCK / 2);
  },
});

function milliseconds({ user, system }) {
  return (user + system) / 1000;
}

/** Resolves to a list of problems. */
async function slowReader(dir) {
  title(
    2,
    'a burst of datagrams to a slow reader',
    `${number(COUNT)} at once to a process that is stuck for ${number(STUCK)} ms and then takes 1 ms a message for the first ${number(SLOW)}`,
  );
  const reader = play(__filename, 'reader', `${dir}/reader`);
  await reader.told('ready');
  reader.say(STUCK);
  const progress = new Progress(COUNT, 'arrived');
  reader.on('progress', (count) => progress.add(count));
  const start = Date.now();
  const sender = play(__filename, 'sender', `${dir}/reader`);
  const told = Promise.all([
    sender.told('queued'),
    sender.told('waited'),
    sender.told('result'),
    reader.told('result'),
  ]);
  const [queued, waited, { failed }, { arrived, inOrder }] = await told.finally(() => progress.end());
  const ms = Date.now() - start;

  line(
    `${number(queued.bytes)} bytes queued in ${number(queued.cpu)} ms; then ${waited.toFixed(1)} ms of CPU in ${number(STUCK / 2)} ms of waiting`,
  );
  line(
    `${number(arrived)} arrived, ${number(inOrder)} of them in order, ${rate(arrived, ms)} a second, the reader's sleep included`,
  );
  const problems = [];
  if (failed > 0) problems.push(`datagrams that could not be sent: ${number(failed)}`);
  if (inOrder !== COUNT) problems.push(`datagrams lost or out of order: ${number(COUNT - inOrder)}`);
  return problems;
}

module.exports = slowReader;
