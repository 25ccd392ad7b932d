'use strict';
// node child.js TURNS AT_ONCE [LIBRARY]: workers with live sockets, ended at random moments, while this thread's own
// sockets talk. Prints one line of JSON.

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const { once } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const { lib, root } = require('../helpers/lib');

const [turns, atOnce] = process.argv.slice(2).map(Number);
const openFds = () => fs.readdirSync('/proc/self/fd').length;
/** The descriptors by number, with what they are. */
function descriptors() {
  const entries = [];
  for (const fd of fs.readdirSync('/proc/self/fd')) {
    try {
      entries.push(`${fd} ${fs.readlinkSync(`/proc/self/fd/${fd}`)}`);
    } catch {
      // The one that listed the folder.
    }
  }
  return entries;
}

/** How each of many workers is set up and ends. */
function kind(number) {
  const kinds = [{}, { nested: 1 }, { twice: true }, { fail: 'throw' }, { fail: 'exit' }];
  return kinds[process.env.KIND === undefined ? number % kinds.length : Number(process.env.KIND)];
}

async function live(number) {
  const workerData = { libPath: root, ...kind(number) };
  const worker = new Worker(path.join(__dirname, 'traffic.js'), { workerData });
  const ended = new Promise((resolve) => worker.on('exit', resolve));
  worker.on('error', (err) => {
    if (err.message !== 'planned') throw err;
  });
  // Sometimes before it has come up.
  const running = new Promise((resolve) => worker.once('message', resolve));
  if (number % 7 !== 0) await Promise.race([running, ended]);
  await sleep(Math.random() * 15);
  if (!workerData.fail) await worker.terminate();
  await ended;
}

/** A vm context that uses the sockets of this environment. */
async function inContext() {
  const [a, b] = lib.createSocketPair('seqpacket');
  const context = vm.createContext({ b, lib, Buffer });
  const got = once(b, 'data');
  vm.runInContext(`b.once('data', () => b.write(new Uint8Array([1, 2, 3])))`, context);
  a.write(vm.runInContext('new Uint8Array([7, 8])', context));
  await got;
  const [answer] = await once(a, 'data');
  if (answer.length !== 3) throw new Error('a view of another context was sent wrongly');
  a.destroy();
  b.destroy();
}

async function main() {
  const [a, b] = lib.createSocketPair('seqpacket');
  let echoes = 0;
  b.on('data', (data) => b.write(data));
  a.on('data', () => {
    echoes++;
    setImmediate(() => a.write('ping'));
  });
  a.write('ping');
  await live(1);
  const before = openFds();
  const known = descriptors();
  const rss = process.memoryUsage().rss;
  for (let i = 0; i < turns; i++) await live(i);
  await Promise.all(Array.from({ length: atOnce }, (_, i) => live(i)));
  await inContext();
  const seen = echoes;
  await sleep(50);
  for (let i = 0; i < 1000 && openFds() > before; i++) await sleep(2);
  const grown = Math.round((process.memoryUsage().rss - rss) / 2 ** 20);
  console.log(
    JSON.stringify({
      leaked: openFds() - before,
      list: descriptors().filter((entry) => !known.includes(entry)),
      alive: echoes > seen,
      echoes,
      grown,
    }),
  );
  a.destroy();
  b.destroy();
}

main();
