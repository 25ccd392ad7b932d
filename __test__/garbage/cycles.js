'use strict';
// node --expose-gc cycles.js COUNT: sockets opened and closed, COUNT of them. Prints one line of JSON.

const fs = require('node:fs');
const { once } = require('node:events');
const { lib } = require('../helpers/lib');

const count = Number(process.argv[2]);
const openFds = () => fs.readdirSync('/proc/self/fd').length;
const turn = () => new Promise(setImmediate);

async function cycle(i) {
  if (i % 10 === 0) {
    const server = new lib.SeqpacketServer();
    server.listen(`\0nus-cycle-${process.pid}`);
    const client = new lib.SeqpacketSocket();
    client.connect(`\0nus-cycle-${process.pid}`);
    const [peer] = await once(server, 'connection');
    for (const socket of [server, client, peer]) socket.close();
    await once(server, 'close');
    return 3;
  }
  const [a, b] = lib.createSocketPair(i % 2 ? 'dgram' : 'seqpacket');
  if (a.send) a.send('x');
  else a.write('x', () => {});
  if (i % 3 === 0) b.on('data', () => {});
  a.close();
  b.close();
  if (i % 50 === 0) await turn();
  return 2;
}

async function run(n) {
  for (let done = 0, i = 1; done < n; i++) done += await cycle(i);
  for (let i = 0; i < 5; i++) await turn();
  global.gc();
  await turn();
  return { fds: openFds(), rss: process.memoryUsage().rss };
}

async function main() {
  const warm = await run(Math.min(count, 10000));
  const end = await run(count);
  console.log(JSON.stringify({ count, leaked: end.fds - warm.fds, grownMiB: (end.rss - warm.rss) / 2 ** 20 }));
}

main();
