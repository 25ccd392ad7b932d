'use strict';

/**
 * Replaces the worker of a seqpacket socket while clients send requests, and kills it while connections wait in the backlog. No request is
 * lost, because the holder keeps the socket. One command: node examples/holder
 */

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const { SeqpacketSocket } = require('../..');
const { example, until } = require('../lib/example');
const { Holder } = require('./holder');

const RELOADS = 3;
const CLIENTS = 8;
const QUEUED = 20;

function connect(path) {
  const socket = new SeqpacketSocket();
  socket.connect(path);
  return socket;
}

/** Sends one request after the other, over a new connection when the worker asks for that, until `load.done`. */
async function client(path, load) {
  while (!load.done) {
    const socket = connect(path);
    let reconnect = false;
    while (!reconnect && !load.done) {
      const request = `request ${++load.sent}`;
      socket.write(request);
      for (let answered = false; !answered; ) {
        const [message] = await once(socket, 'data');
        if (message.toString() === 'reconnect') reconnect = true;
        else {
          answered = true;
          const [text, pid] = message.toString().split(' answered by ');
          assert.strictEqual(text, request);
          load.workers.add(pid);
          load.answered++;
        }
      }
    }
    socket.destroy();
  }
}

async function reloadUnderLoad(holder, path) {
  console.log(`${RELOADS} reloads while ${CLIENTS} clients send requests`);
  const load = { done: false, sent: 0, answered: 0, workers: new Set() };
  const clients = Promise.all(Array.from({ length: CLIENTS }, () => client(path, load)));
  for (let i = 0; i < RELOADS; i++) {
    const { pid } = holder.worker;
    await until(() => load.workers.has(String(pid)), 'a reply of the worker');
    await holder.reload();
    console.log(`  worker ${pid} replaced by ${holder.worker.pid}`);
  }
  await until(() => load.workers.has(String(holder.worker.pid)), 'a reply of the last worker');
  load.done = true;
  await clients;
  console.log(`  ${load.sent - load.answered} of the requests lost, answered by ${load.workers.size} workers`);
  assert.deepStrictEqual([load.sent, load.workers.size], [load.answered, RELOADS + 1]);
}

async function killWithBacklog(worker, path) {
  worker.kill('SIGSTOP');
  await until(() => / T /.test(fs.readFileSync(`/proc/${worker.pid}/stat`, 'latin1')), 'the worker to stop');
  const sockets = Array.from({ length: QUEUED }, () => connect(path));
  const replies = sockets.map((socket, i) => {
    socket.write(`request ${i}`);
    return once(socket, 'data');
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect'))); // they are in the backlog
  worker.kill('SIGKILL');
  const pids = new Set((await Promise.all(replies)).map(([reply]) => reply.toString().split(' answered by ')[1]));
  console.log(
    `the worker was killed with ${QUEUED} connections in the backlog: ${replies.length} answered by the next one`,
  );
  assert.ok(pids.size === 1 && !pids.has(String(worker.pid)));
  for (const socket of sockets) socket.destroy();
}

example([], async ({ dir }) => {
  const path = `${dir}/service`;
  const holder = new Holder({ script: require.resolve('./worker'), path });
  await holder.start();
  await reloadUnderLoad(holder, path);
  const { worker } = holder;
  await killWithBacklog(worker, path);
  await until(() => holder.worker !== worker, 'the holder to know the next worker');
  await holder.close();
  assert.strictEqual(fs.existsSync(path), false);
});
