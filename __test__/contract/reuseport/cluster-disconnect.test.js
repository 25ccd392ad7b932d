'use strict';
// listenReuseport() in cluster workers: a worker that disconnects from the primary closes its servers and exits.

const { test } = require('node:test');
const assert = require('node:assert');
const { deadline, runChild } = require('../../helpers');

const options = { timeout: deadline };

/** Ways to disconnect: whether the primary does it, and the events that the worker logs before it exits with code 0. */
const ways = {
  'worker.disconnect() in the worker': { worker: 'cluster.worker.disconnect()', log: ['close', 'close'] },
  'worker.disconnect() in the primary': { primary: 'worker.disconnect()', log: ['close', 'close'] },
  'cluster.disconnect() in the primary': { primary: 'cluster.disconnect()', log: ['close', 'close'] },
  // Node.js ends the process then.
  'process.disconnect() in the worker': { worker: 'process.disconnect()', log: [] },
  'an earlier worker.disconnect()': {
    worker: `cluster.worker.disconnect(); process.once('disconnect', () => setImmediate(listen))`,
    early: true,
    log: ['close', 'close'],
  },
  'an open connection, which is served to its end': {
    worker: `servers[0].once('connection', (socket) => {
        socket.resume();
        cluster.worker.disconnect();
        process.once('disconnect', () => setImmediate(() => socket.end('served')));
      });
      const client = require('net').connect(servers[0].address().port, '127.0.0.1');
      client.setEncoding('utf8').on('data', log);`,
    log: ['close', 'served', 'close'],
  },
};

/** Runs in the primary and in the worker. */
function main() {
  const cluster = require('cluster');
  const fs = require('fs');
  const net = require('net');
  if (cluster.isPrimary) {
    const worker = cluster.fork();
    worker.on('message', () => new Function('cluster', 'worker', args.primary)(cluster, worker));
    worker.on('exit', (code, signal) => {
      console.log(fs.readFileSync('log', 'utf8') + JSON.stringify({ code, signal }));
    });
    return;
  }
  // A file, because output of a worker that exits may be lost.
  const log = (text) => fs.appendFileSync('log', `${text}\n`);
  const servers = [net.createServer(), net.createServer()];
  for (const server of servers) server.on('close', () => log('close'));
  const listen = () => {
    for (const server of servers) lib.listenReuseport(server, { port: 0, host: '127.0.0.1' });
  };
  fs.writeFileSync('log', '');
  const act = new Function('cluster', 'servers', 'log', 'listen', 'require', args.worker || `process.send('ready')`);
  if (!args.early) listen();
  act(cluster, servers, log, listen, require);
}

for (const [way, { worker, primary, early, log }] of Object.entries(ways)) {
  test(`${way}: the servers close and the worker exits`, options, async (t) => {
    const { code, stdout, stderr } = await runChild(t, main, { args: { worker, primary, early } });
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.deepStrictEqual(stdout.trim().split('\n'), [...log, '{"code":0,"signal":null}']);
  });
}

/** Runs in a cluster worker. */
function manyServers() {
  const cluster = require('cluster');
  const net = require('net');
  if (cluster.isPrimary) {
    cluster.fork();
    return;
  }
  const count = () => [cluster.worker, process].map((emitter) => emitter.listenerCount('disconnect'));
  const before = count();
  const listen = (server) =>
    new Promise((resolve) => lib.listenReuseport(server, { port: 0, host: '127.0.0.1' }, resolve));
  const close = (server) => new Promise((resolve) => server.close(resolve));
  (async () => {
    const servers = Array.from({ length: 20 }, () => net.createServer());
    for (const _ of [1, 2]) {
      await Promise.all(servers.map(listen));
      await Promise.all(servers.map(close));
    }
    console.log(JSON.stringify([before, count(), servers[0].listenerCount('close')]));
    await listen(servers[0]);
    cluster.worker.disconnect();
  })();
}

test('20 servers add one listener to the worker, and none is left when they are closed', options, async (t) => {
  const { code, stdout, stderr } = await runChild(t, manyServers);
  assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
  const [before, after, closeListeners] = JSON.parse(stdout);
  assert.deepStrictEqual([after, closeListeners], [before, 0]);
});

/** Runs in a cluster worker. */
function unreferenced() {
  const cluster = require('cluster');
  if (cluster.isPrimary) {
    cluster.fork().on('exit', (code, signal) => console.log(JSON.stringify({ code, signal })));
    return;
  }
  const server = lib.listenReuseport(require('net').createServer(), { port: 0, host: '127.0.0.1' }, () => {
    server.unref();
    process.channel.unref();
  });
}

test('a server that is unreferenced does not keep its worker alive', options, async (t) => {
  const { code, stdout, stderr } = await runChild(t, unreferenced);
  assert.deepStrictEqual({ code, stdout, stderr }, { code: 0, stdout: '{"code":0,"signal":null}\n', stderr: '' });
});
