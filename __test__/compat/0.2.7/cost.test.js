'use strict';
// Rows 23 and 30 of the defects of 0.2.7: system calls and CPU time of a message, fairness under load.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { performance } = require('node:perf_hooks');
const { setImmediate: turn } = require('node:timers/promises');
const { python, tmp } = require('../../helpers');
const { slowness } = require('../../helpers/deadline');
const { root } = require('../../helpers/lib');
const { connected, connecting, listening } = require('../../helpers/pair');
const { isolated } = require('../../helpers/isolated');

const messages = 1000;

// Sends messages in one direction, each after the one before has arrived.
const oneWay = (library, at) => `
const { SeqpacketServer, SeqpacketSocket } = require(${JSON.stringify(library)});
const server = new SeqpacketServer();
const client = new SeqpacketSocket();
const message = Buffer.alloc(64);
let left = ${messages};
const next = () => (left-- > 0 ? client.write(message, 0, 64) : (client.destroy(), server.close()));
server.on('connection', (peer) => {
  peer.on('data', () => next());
  peer.on('end', () => peer.destroy());
  next();
});
server.listen(${JSON.stringify(at)});
client.connect(${JSON.stringify(at)});
`;

isolated('row 23: a message needs no epoll_ctl', (t) => {
  const folder = tmp(t);
  const script = path.join(folder, 'script.js');
  const log = path.join(folder, 'log');
  fs.writeFileSync(script, oneWay(root, path.join(folder, 's')));
  const strace = ['-f', '-o', log, '-e', 'trace=epoll_ctl', process.execPath, script];
  const { status, error } = spawnSync('strace', strace, { stdio: 'ignore', timeout: 15000 });
  assert.ok(!error && status === 0, `strace: ${error || status}`);
  const calls = fs.readFileSync(log, 'latin1').split('\n');
  const registrations = calls.filter((call) => call.includes('epoll_ctl(')).length;
  assert.ok(registrations < messages / 10, `${registrations} epoll_ctl for ${messages} messages`);
});

isolated('row 23: the CPU time of a small message does not depend on the size of the read buffer', async (t) => {
  const { client, peer } = await connected(t);
  peer.setInternalReadBufferSize(16 << 20);
  let received = 0;
  const before = process.cpuUsage();
  await new Promise((resolve) => {
    peer.on('data', (data) => (++received === messages ? resolve() : client.write(data)));
    client.write(Buffer.alloc(64));
  });
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 300000, `${(user + system) / 1000} ms of CPU for ${messages} messages of 64 bytes`);
});

isolated('row 30: 100 connections are accepted in fewer than 20 turns of the event loop', async (t) => {
  const { server, path: at } = listening(t);
  let accepted = 0;
  server.on('connection', (peer) => {
    accepted++;
    t.after(() => peer.destroy());
  });
  for (let i = 0; i < 100; i++) connecting(t, at);
  let turns = 0;
  for (; accepted < 100; turns++) await turn();
  assert.ok(turns < 20, `${turns} turns`);
});

// Sends messages until the peer closes.
const flood = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
message = b'x' * 64
try:
    while True: s.send(message)
except OSError: pass
`;

isolated('row 30: a flood of messages delays timers by less than 100 ms', async (t) => {
  const { server, path: at } = listening(t);
  for (let i = 0; i < 2; i++) {
    python(t, flood, [at]);
    const [peer] = await once(server, 'connection');
    t.after(() => peer.destroy());
    peer.on('error', () => {});
    peer.on('data', () => {
      const until = performance.now() + 0.02; // a listener that is slower than the sender
      while (performance.now() < until);
    });
  }
  const late = await new Promise((resolve) => {
    let worst = 0;
    let rounds = 0;
    let due = performance.now() + 5;
    const tick = () => {
      worst = Math.max(worst, performance.now() - due);
      if (++rounds === 100) return resolve(worst);
      due = performance.now() + 5;
      setTimeout(tick, 5);
    };
    setTimeout(tick, 5);
  });
  assert.ok(late < 100 * slowness, `a timer was ${late} ms late`);
});
