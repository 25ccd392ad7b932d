'use strict';
// node child.js FOLDER, with shim.c preloaded. For each line of its input, { call, errno, first, last }, runs the
// scenario with that injection and prints one line of JSON.

const fs = require('node:fs');
const { createInterface } = require('node:readline');
const { lib } = require('../../helpers/lib');
const { openFds } = require('../../helpers');
const { scenario } = require('./scenario');

const control = Number(process.env.FAULT_FD);
const folder = process.argv[2];

function counts() {
  const answer = Buffer.alloc(64);
  const length = fs.readSync(control, answer, 0, 64, null);
  return answer.toString('latin1', 0, length).split(' ').map(Number);
}

/** Sockets that are created before the injection and used after it. */
function bystanders() {
  return ['seqpacket', 'dgram'].map((type) => {
    const [a, b] = lib.createSocketPair(type);
    b.on('data', (data) => (b.write ? b.write(data) : b.send(data)));
    return { a, b };
  });
}

async function alive({ a, b }) {
  const echo = new Promise((resolve) => a.once('data', (data) => resolve(String(data) === 'ping')));
  if (a.write) a.write('ping');
  else a.send('ping');
  const answered = await Promise.race([echo, new Promise((resolve) => setTimeout(resolve, 1000, false))]);
  for (const socket of [a, b])
    await new Promise((resolve) => (socket.close ? socket.on('close', resolve).close() : resolve()));
  return answered;
}

async function inject({ call, errno, first, last }) {
  const others = bystanders();
  const before = openFds();
  const started = process.cpuUsage();
  const uncaught = [];
  const onUncaught = (err) => uncaught.push(String(err.stack));
  process.on('uncaughtException', onUncaught);
  fs.writeSync(control, `${call} ${errno} ${first} ${last}`);
  const accounts = await scenario(folder).catch((err) => {
    uncaught.push(String(err.stack));
    return undefined;
  });
  const { user, system } = process.cpuUsage(started);
  const [seen, failed] = counts();
  fs.writeSync(control, 'off');
  for (let i = 0; i < 50 && openFds() > before; i++) await new Promise(setImmediate);
  const leaked = openFds() - before;
  const others_alive = (await Promise.all(others.map(alive))).every(Boolean);
  process.removeListener('uncaughtException', onUncaught);
  const result = { seen, failed, leaked, alive: others_alive, cpuMs: (user + system) / 1000, uncaught };
  if (!accounts) return result;
  return {
    ...result,
    told: [...accounts.told],
    sent: accounts.sent,
    received: accounts.received,
    failures: accounts.failed,
    events: accounts.events,
    miscalled: accounts.callbacks
      .filter(({ called }) => called !== 1)
      .map(({ where, called }) => `${where}: ${called}`),
    left: accounts.left,
    kept: accounts.kept,
    closes: accounts.sockets.length - accounts.closes,
  };
}

async function main() {
  process.umask(0o22);
  // The first run creates handles and memory that remain.
  await scenario(folder);
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await inject(JSON.parse(line))));
  }
}

// Exit here, because inject() has an 'uncaughtException' listener.
main().catch((err) => {
  console.error(err);
  process.exit(1);
});
