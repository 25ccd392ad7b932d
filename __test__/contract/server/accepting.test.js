'use strict';
// SeqpacketServer: connections wait in the kernel's backlog unless there is a 'connection' listener or an iterator waits.

const { test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, openFds, runChild, sockPath } = require('../../helpers');
const { client, closing, newServer, range, sent, serve, texts, turns } = require('../../helpers/sockets');

const options = { timeout: deadline };

/** Opens n connections and sends a number through each. */
async function clients(t, server, n) {
  const sockets = range(n).map(() => client(t, server.address()));
  await Promise.all(sockets.map((socket, i) => sent(socket, String(i))));
  await turns();
  return sockets;
}

const add = {
  on: (server, listener) => server.on('connection', listener),
  addListener: (server, listener) => server.addListener('connection', listener),
  once: (server, listener) => server.once('connection', listener),
  prependListener: (server, listener) => server.prependListener('connection', listener),
  prependOnceListener: (server, listener) => server.prependOnceListener('connection', listener),
};
const remove = {
  removeListener: (server, listener) => server.removeListener('connection', listener),
  off: (server, listener) => server.off('connection', listener),
  "removeAllListeners('connection')": (server) => server.removeAllListeners('connection'),
  'removeAllListeners()': (server) => server.removeAllListeners(),
};

for (const [name, listen] of Object.entries(add)) {
  test(`${name}() starts accepting, before and after listen()`, options, async (t) => {
    for (const when of ['before', 'after']) {
      const server = newServer(t);
      const accepted = new Promise((resolve) => {
        const start = () => listen(server, (peer) => resolve(closing(t, peer)));
        if (when === 'before') start();
        server.listen(sockPath(t));
        if (when === 'after') start();
      });
      await clients(t, server, 1);
      assert.deepStrictEqual(await texts(await accepted, 1), ['0']);
    }
  });
}

for (const [name, stop] of Object.entries(remove)) {
  test(`${name} stops accepting; a later listener gets the connections that waited`, options, async (t) => {
    const server = serve(t);
    const listener = (peer) => closing(t, peer);
    server.on('connection', listener).on('close', () => {});
    await clients(t, server, 2);
    assert.strictEqual(server.connections, 2);
    stop(server, listener);
    assert.strictEqual(server.listenerCount('connection'), 0);
    const before = openFds();
    await clients(t, server, 3);
    assert.deepStrictEqual([server.connections, openFds()], [2, before + 3]);
    const got = [];
    server.on('connection', (peer) => got.push(closing(t, peer)));
    await turns();
    assert.strictEqual(got.length, 3);
    for (const [i, peer] of got.entries()) assert.deepStrictEqual(await texts(peer, 1), [String(i)]);
  });
}

test('a listener that removes itself gets one connection of many that wait', options, async (t) => {
  const server = serve(t);
  await clients(t, server, 5);
  for (const i of range(5)) {
    const [peer] = await once(server, 'connection');
    closing(t, peer);
    await turns();
    assert.strictEqual(server.connections, i + 1);
  }
});

test('one of two listeners removed: accepting goes on', options, async (t) => {
  const server = serve(t);
  const other = () => {};
  server.on('connection', (peer) => closing(t, peer)).on('connection', other);
  server.off('connection', other);
  await clients(t, server, 2);
  assert.strictEqual(server.connections, 2);
});

test('an iterator accepts from the first next() to return()', options, async (t) => {
  const server = serve(t);
  const iterator = server[Symbol.asyncIterator]();
  await clients(t, server, 1);
  assert.strictEqual(server.connections, 0);
  const { value } = await iterator.next();
  assert.deepStrictEqual(await texts(closing(t, value), 1), ['0']);
  await iterator.return();
  await clients(t, server, 1);
  assert.strictEqual(server.connections, 1);
});

test('maxConnections refuses connections only while the server accepts', options, async (t) => {
  const server = serve(t, {}, { maxConnections: 0 });
  await clients(t, server, 2);
  assert.strictEqual(server.droppedConnections, 0);
  server.once('connection', () => {});
  await turns();
  assert.deepStrictEqual([server.droppedConnections, server.connections], [2, 0]);
});

test('a server that does not accept keeps the process alive without using CPU, unless unref() is called', async (t) => {
  const script = (calls) => `
    const server = new lib.SeqpacketServer().listen('\\0nus-accepting-' + process.pid)${calls};
    const client = new lib.SeqpacketSocket().unref();
    client.connect(server.address(), () => {
      const from = process.cpuUsage();
      setTimeout(() => {
        const { user, system } = process.cpuUsage(from);
        console.log(user + system < 100000 ? 'idle' : 'busy');
        process.exit();
      }, 500).unref();
    });`;
  for (const [calls, output] of [
    ['', 'idle\n'],
    ['.unref()', ''],
  ]) {
    const { code, stdout, stderr } = await runChild(t, script(calls));
    assert.deepStrictEqual({ code, stdout, stderr }, { code: 0, stdout: output, stderr: '' });
  }
});

test('close() ends the connections that wait; removing listeners afterwards has no effect', options, async (t) => {
  const server = serve(t);
  const listener = () => {};
  server.on('close', listener);
  const [waiting] = await clients(t, server, 1);
  server.close();
  const [err] = await once(waiting, 'error');
  assert.strictEqual(err.code, 'ECONNRESET');
  server.removeAllListeners();
  server.on('connection', listener).off('connection', listener);
});
