'use strict';
// node --expose-gc dropped.js: what is collected, and what is not. Prints one line of JSON.

const fs = require('node:fs');
const { lib } = require('../helpers/lib');

const openFds = () => fs.readdirSync('/proc/self/fd').length;
const turn = () => new Promise(setImmediate);

async function collect(refs) {
  for (let i = 0; i < 20 && refs.some((ref) => ref.deref()); i++) {
    await turn(); // deref() keeps its object to the end of the job
    global.gc();
    await turn();
  }
  return refs.filter((ref) => !ref.deref()).length;
}

/** Never used: nothing keeps them. A datagram socket can receive from the start: it is open until it is closed. */
function unused() {
  return [new lib.SeqpacketSocket(), new lib.SeqpacketServer()].map((s) => new WeakRef(s));
}

function closed() {
  const refs = [];
  for (const type of ['seqpacket', 'dgram']) {
    for (const socket of lib.createSocketPair(type)) {
      socket.on('data', () => {});
      refs.push(new WeakRef(socket));
      socket.close();
    }
  }
  return refs;
}

/** Open and listened to by nobody else: it lives, as it must, until it closes. */
async function live() {
  const got = [];
  const [a] = (() => {
    const [a, b] = lib.createSocketPair('seqpacket');
    b.on('data', (data) => got.push(String(data)));
    return [a];
  })();
  for (let i = 0; i < 5; i++) {
    global.gc();
    await turn();
    a.write(String(i));
  }
  while (got.length < 5) await turn();
  a.destroy();
  for (let i = 0; i < 3; i++) await turn();
  return got.join('');
}

/** Collected while its callbacks wait: they still run. */
async function waiting() {
  let called = 0;
  const ended = new Promise((resolve) => {
    const [a, b] = lib.createSocketPair('seqpacket');
    b.pause();
    const done = () => {
      if (++called < 10) return;
      for (const socket of [a, b]) socket.destroy();
      resolve();
    };
    for (let i = 0; i < 10; i++) a.write(Buffer.alloc(50000), done);
    setTimeout(() => b.on('data', () => {}).resume(), 10);
  });
  for (let i = 0; i < 10; i++) {
    global.gc();
    await turn();
  }
  await ended;
  return called;
}

async function main() {
  await live();
  const before = openFds();
  const unusedCollected = await collect(unused());
  const refs = closed();
  for (let i = 0; i < 3; i++) await turn();
  const closedCollected = await collect(refs);
  const lived = await live();
  const callbacks = await waiting();
  global.gc();
  for (let i = 0; i < 5; i++) await turn();
  console.log(JSON.stringify({ unusedCollected, closedCollected, lived, callbacks, leaked: openFds() - before }));
}

main();
