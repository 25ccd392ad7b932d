'use strict';
// listenReuseport() in single processes, child processes, worker threads and cluster workers, with each class of server.

const { test } = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const http = require('node:http');
const net = require('node:net');
const { Worker } = require('node:worker_threads');
const { deadline, once, eventually, openFds, runChild, tmp } = require('../../helpers');
const { node, range } = require('../../helpers/sockets');
const { answer, ipv6 } = require('../../helpers/tcp');
const { lib, root } = require('../../helpers/lib');

const options = { timeout: deadline };
const listen = (t, server, how = { port: 0, host: '127.0.0.1' }) => {
  t.after(() => server.close());
  return lib.listenReuseport(server, how);
};

test('listens, returns the server and calls back once', options, async (t) => {
  const server = net.createServer((socket) => socket.end('hello'));
  t.after(() => server.close());
  let called = 0;
  assert.strictEqual(
    lib.listenReuseport(server, { port: 0, host: '127.0.0.1', backlog: 100 }, () => called++),
    server,
  );
  assert.strictEqual(called, 0);
  if (!server.address()) await once(server, 'listening');
  await eventually(() => called === 1);
  const { address, port } = server.address();
  assert.strictEqual(address, '127.0.0.1');
  assert.strictEqual(await answer(port), 'hello');
  const second = listen(
    t,
    net.createServer((socket) => socket.end('hello')),
    { port, host: '127.0.0.1' },
  );
  if (!second.listening) await once(second, 'listening');
  assert.deepStrictEqual(await Promise.all(range(20).map(() => answer(port))), Array(20).fill('hello'));
});

test('close() of the server closes the descriptor', options, async () => {
  const before = openFds();
  const server = lib.listenReuseport(net.createServer(), { port: 0, host: '127.0.0.1' });
  assert.strictEqual(openFds(), before + 1);
  server.close();
  await once(server, 'close');
  await eventually(() => openFds() === before);
});

test('the host is 0.0.0.0 by default, and ipv6Only leaves the IPv4 port to another server', ipv6, async (t) => {
  const four = listen(
    t,
    net.createServer((socket) => socket.end('4')),
    { port: 0 },
  );
  if (!four.listening) await once(four, 'listening');
  assert.strictEqual(four.address().address, '0.0.0.0');
  const how = { port: four.address().port, host: '::', ipv6Only: true };
  const six = listen(
    t,
    net.createServer((socket) => socket.end('6')),
    how,
  );
  if (!six.listening) await once(six, 'listening');
  assert.deepStrictEqual([await answer(how.port), await answer(how.port, '::1')], ['4', '6']);
});

test("a failed system call is the server's 'error' event, after the call", options, async (t) => {
  const exclusive = net.createServer().listen(0, '127.0.0.1');
  t.after(() => exclusive.close());
  await once(exclusive, 'listening');
  const before = openFds();
  const { port } = exclusive.address();
  for (const [address, code] of [
    [{ port, host: '127.0.0.1' }, 'EADDRINUSE'],
    [{ port: 0, host: '192.0.2.1' }, 'EADDRNOTAVAIL'],
  ]) {
    const server = net.createServer();
    let called = 0;
    let emitted = 0;
    server.on('error', () => emitted++);
    assert.strictEqual(
      lib.listenReuseport(server, address, () => called++),
      server,
    );
    assert.deepStrictEqual([emitted, server.listening], [0, false]);
    const [err] = await once(server, 'error');
    assert.deepStrictEqual([err.code, err.syscall, err.address, err.port], [code, 'bind', address.host, address.port]);
    assert.strictEqual(err.errno, -require('node:os').constants.errno[code]);
    assert.strictEqual(openFds(), before);
    // As the documentation of Node.js suggests: try again later.
    lib.listenReuseport(server, { port: 0, host: '127.0.0.1' }, () => called++);
    await once(server, 'listening');
    await new Promise((resolve) => server.close(resolve));
    assert.deepStrictEqual([called, emitted], [1, 1]);
  }
  await eventually(() => openFds() === before);
});

test("no free descriptor is the server's 'error' event", options, async (t) => {
  const child = node(t, shortOfDescriptors, {}, { prefix: ['prlimit', '--nofile=64:64'] });
  assert.strictEqual(await child.line(), 'returned');
  assert.strictEqual(await child.line(), 'EMFILE');
});

function shortOfDescriptors() {
  const fs = require('fs');
  const server = require('net').createServer();
  const { listenReuseport } = lib;
  server.on('error', (err) => console.log(err.code));
  try {
    for (;;) fs.openSync('/dev/null');
  } catch {
    listenReuseport(server, { port: 0, host: '127.0.0.1' });
    console.log('returned');
  }
}

test('a server that listens already: ERR_SERVER_ALREADY_LISTEN is thrown', options, async (t) => {
  const server = listen(t, net.createServer());
  const before = openFds();
  for (const port of [0, server.address().port]) {
    assert.throws(() => lib.listenReuseport(server, { port, host: '127.0.0.1' }), {
      code: 'ERR_SERVER_ALREADY_LISTEN',
    });
  }
  assert.strictEqual(openFds(), before);
});

test('a value that is no server, and invalid options, throw and leave no descriptor open', options, () => {
  const before = openFds();
  for (const bad of [null, undefined, 7, {}]) {
    assert.throws(() => lib.listenReuseport(bad, { port: 0 }), { code: /^ERR_INVALID_ARG_/ });
  }
  for (const bad of [null, undefined, 7, { port: 0, backlog: '1' }, { port: 0, ipv6Only: 'x' }]) {
    assert.throws(() => lib.listenReuseport(net.createServer(), bad), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  assert.throws(() => lib.listenReuseport(net.createServer(), { port: 0, backlog: -1 }), {
    code: 'ERR_OUT_OF_RANGE',
  });
  assert.strictEqual(openFds(), before);
});

/** Sends HTTP requests until each of `names` has answered. The kernel picks a server by a hash of the connection. */
async function askAll(port, names) {
  const heard = new Set();
  const ask = () =>
    new Promise((resolve, reject) => {
      http
        .get({ port, host: '127.0.0.1', agent: false }, async (response) => {
          let text = '';
          for await (const chunk of response) text += chunk;
          heard.add(text);
          resolve();
        })
        .on('error', reject);
    });
  for (let i = 0; i < 50 && heard.size < names.length; i++) await Promise.all(range(10).map(ask));
  assert.deepStrictEqual([...heard].sort(), [...names].sort());
}

/** A bound port that the servers of a test share. The descriptor that holds it does not listen. */
async function reserve(t) {
  const fd = lib.createReuseportFd(0, '127.0.0.1');
  const holder = new net.Socket({ fd, readable: false, writable: false });
  t.after(() => holder.destroy());
  const name = {};
  holder._handle.getsockname(name);
  return name.port;
}

test('two child processes share a port; when one ends, the other gets all connections', options, async (t) => {
  const port = await reserve(t);
  const children = range(2).map(() => node(t, childServer, { port }));
  const names = await Promise.all(children.map((child) => child.line()));
  await askAll(port, names);
  children[0].kill();
  await children[0].done;
  await askAll(port, [names[1]]);
});

function childServer() {
  const server = require('http').createServer((_request, response) => response.end(String(process.pid)));
  lib.listenReuseport(server, { port: args.port, host: '127.0.0.1' }, () => console.log(process.pid));
}

test('two worker threads share a port; when one ends, the other gets all connections', options, async (t) => {
  const port = await reserve(t);
  const source = `const { parentPort, threadId } = require('worker_threads');
    const server = require('http').createServer((_request, response) => response.end('worker ' + threadId));
    require(${JSON.stringify(root)}).listenReuseport(server, { port: ${port}, host: '127.0.0.1' }, () => parentPort.postMessage('worker ' + threadId));`;
  const workers = range(2).map(() => new Worker(source, { eval: true }));
  t.after(() => Promise.all(workers.map((worker) => worker.terminate())));
  const names = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
  await askAll(port, names);
  await workers[0].terminate();
  await askAll(port, [names[1]]);
});

test(
  'cluster workers share a port without a listening socket in the primary; a successor joins',
  options,
  async (t) => {
    const port = await reserve(t);
    const { code, stdout, stderr } = await runChild(t, clusterOfTwo, { args: { port } });
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
    const { workers, heard, primaryListens, successor } = JSON.parse(stdout);
    assert.deepStrictEqual(heard.sort(), workers.sort());
    assert.strictEqual(primaryListens, false);
    assert.strictEqual(successor, true);
  },
);

/** Runs in a separate process. Its cluster workers run the same script. */
function clusterOfTwo() {
  const cluster = require('cluster');
  const fs = require('fs');
  const http = require('http');
  const { once } = require('events');
  if (cluster.isWorker) {
    const server = http.createServer((_request, response) => response.end(String(process.pid)));
    lib.listenReuseport(server, { port: args.port, host: '127.0.0.1' }, () => process.send(process.pid));
    return;
  }
  const ask = () =>
    new Promise((resolve, reject) => {
      const request = http.get({ port: args.port, host: '127.0.0.1', agent: false }, (response) => {
        response.setEncoding('utf8').on('data', (text) => resolve(Number(text)));
      });
      request.on('error', reject);
    });
  const start = async () => (await once(cluster.fork(), 'message'))[0];
  const hear = async (count) => {
    const heard = new Set();
    for (let i = 0; i < 500 && heard.size < count; i++) heard.add(await ask());
    return [...heard];
  };
  (async () => {
    const workers = [await start(), await start()];
    const heard = await hear(2);
    const sockets = fs.readdirSync('/proc/self/fd').map((fd) => {
      try {
        return /socket:\[(\d+)\]/.exec(fs.readlinkSync(`/proc/self/fd/${fd}`))?.[1];
      } catch {
        return undefined;
      }
    });
    const hexPort = args.port.toString(16).toUpperCase().padStart(4, '0');
    const listeners = fs
      .readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(`:${hexPort}`) && fields[3] === '0A');
    const primaryListens = listeners.some((fields) => sockets.includes(fields[9]));
    // A worker ends; its successor listens on the same port.
    const [first] = Object.values(cluster.workers);
    first.kill();
    await once(cluster, 'exit');
    const next = await start();
    const successor = (await hear(2)).includes(next);
    console.log(JSON.stringify({ workers, heard, primaryListens, successor }));
    for (const worker of Object.values(cluster.workers)) worker.kill();
  })();
}

test('net, http, https and http2 servers work in a single process and in a cluster worker', options, async (t) => {
  const folder = tmp(t);
  const names = ['-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', [...request, ...names, '-days', '2', '-subj', '/CN=localhost'], { stdio: 'pipe' });
  for (const inCluster of [false, true]) {
    const { code, stdout, stderr } = await runChild(t, everyServer, { args: { folder, inCluster } });
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.deepStrictEqual(JSON.parse(stdout), {
      net: 'net',
      http: 'http',
      https: 'https',
      http2: 'http2',
      h2c: 'h2c',
    });
  }
});

/** Runs in a separate process, or in its cluster worker: a server of each class, each with one request. */
function everyServer() {
  const cluster = require('cluster');
  const fs = require('fs');
  const [http, http2, https, net] = ['http', 'http2', 'https', 'net'].map((name) => require(name));
  const { once } = require('events');
  if (args.inCluster && cluster.isPrimary) {
    cluster.setupPrimary({ silent: true });
    const worker = cluster.fork();
    worker.process.stdout.pipe(process.stdout);
    worker.process.stderr.pipe(process.stderr);
    worker.on('exit', (code) => {
      process.exitCode = code;
    });
    return;
  }
  const tls = { key: fs.readFileSync(`${args.folder}/key.pem`), cert: fs.readFileSync(`${args.folder}/cert.pem`) };
  const says = (name) => (_request, response) => response.end(name);
  const servers = {
    net: net.createServer((socket) => socket.end('net')),
    http: http.createServer(says('http')),
    https: https.createServer(tls, says('https')),
    http2: http2.createSecureServer(tls, says('http2')),
    h2c: http2.createServer(says('h2c')),
  };
  const read = async (stream) => {
    let text = '';
    for await (const chunk of stream) text += chunk;
    return text;
  };
  const h2 = async (url) => {
    const session = http2.connect(url, { rejectUnauthorized: false });
    const text = await read(session.request({ ':path': '/' }));
    session.close();
    return text;
  };
  const over = async (module, port) => {
    const [response] = await once(
      module.get({ port, host: '127.0.0.1', agent: false, rejectUnauthorized: false }),
      'response',
    );
    return read(response);
  };
  const asks = {
    net: (port) => read(net.connect(port, '127.0.0.1')),
    http: (port) => over(http, port),
    https: (port) => over(https, port),
    http2: (port) => h2(`https://127.0.0.1:${port}`),
    h2c: (port) => h2(`http://127.0.0.1:${port}`),
  };
  (async () => {
    const answers = {};
    for (const [name, server] of Object.entries(servers)) {
      await new Promise((resolve) => lib.listenReuseport(server, { port: 0, host: '127.0.0.1' }, resolve));
      answers[name] = await asks[name](server.address().port);
      server.close();
      if (server.closeAllConnections) server.closeAllConnections();
    }
    console.log(JSON.stringify(answers));
    if (cluster.isWorker) cluster.worker.disconnect();
  })();
}
