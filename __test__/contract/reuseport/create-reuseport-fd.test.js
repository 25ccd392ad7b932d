'use strict';
// createReuseportFd() and closeFd(): sockets with SO_REUSEPORT for net.Server and dgram.Socket.

const { test } = require('node:test');
const assert = require('node:assert');
const udp = require('node:dgram');
const fs = require('node:fs');
const net = require('node:net');
const { deadline, once, eventually, openFds } = require('../../helpers');
const { flags } = require('../../helpers/descriptors');
const { range } = require('../../helpers/sockets');
const { answer, ipv6 } = require('../../helpers/tcp');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };
async function listening(t, fd) {
  const server = net.createServer((socket) => socket.end('hello'));
  t.after(() => server.close());
  server.listen({ fd });
  await once(server, 'listening');
  return server;
}

/** A UDP socket of node:dgram. */
async function bound(t, type, where) {
  const socket = udp.createSocket(type);
  t.after(() => socket.close());
  const ready = once(socket, 'listening');
  socket.bind(where);
  await ready;
  return socket;
}

test(
  'a descriptor without arguments is bound to a free port of 0.0.0.0 and works in net.Server#listen({ fd })',
  options,
  async (t) => {
    const server = await listening(t, lib.createReuseportFd());
    const { address, port, family } = server.address();
    assert.deepStrictEqual([address, family], ['0.0.0.0', 'IPv4']);
    assert.ok(port > 0);
    assert.strictEqual(await answer(port), 'hello');
  },
);

test('two servers share a port; a server without SO_REUSEPORT gets EADDRINUSE', options, async (t) => {
  const first = await listening(t, lib.createReuseportFd(0, '127.0.0.1'));
  const { port } = first.address();
  const second = await listening(t, lib.createReuseportFd(port, '127.0.0.1'));
  assert.strictEqual(second.address().port, port);
  const counts = [0, 0];
  for (const [i, server] of [first, second].entries()) server.on('connection', () => counts[i]++);
  await Promise.all(range(100).map(() => answer(port)));
  assert.strictEqual(counts[0] + counts[1], 100);
  assert.ok(counts[0] > 0 && counts[1] > 0, counts.join());
  const plain = net.createServer();
  plain.listen(port, '127.0.0.1');
  assert.strictEqual((await once(plain, 'error'))[0].code, 'EADDRINUSE');
  const exclusive = net.createServer().listen(0, '127.0.0.1');
  t.after(() => exclusive.close());
  await once(exclusive, 'listening');
  const taken = exclusive.address().port;
  const before = openFds();
  const error = { code: 'EADDRINUSE', syscall: 'bind', message: /^bind EADDRINUSE: / };
  assert.throws(() => lib.createReuseportFd(taken, '127.0.0.1'), error);
  assert.strictEqual(openFds(), before);
});

test('the descriptor is close-on-exec', { ...options, skip: process.platform !== 'linux' && 'Linux only' }, () => {
  for (const type of ['tcp', 'udp']) {
    const fd = lib.createReuseportFd(0, '127.0.0.1', { type });
    assert.ok(flags(fd).cloexec);
    lib.closeFd(fd);
  }
});

test("two sockets of type 'udp' in dgram.Socket#bind({ fd }) share a port", options, async (t) => {
  const first = await bound(t, 'udp4', { fd: lib.createReuseportFd(0, '127.0.0.1', { type: 'udp' }) });
  const { port } = first.address();
  const second = await bound(t, 'udp4', { fd: lib.createReuseportFd(port, '127.0.0.1', { type: 'udp' }) });
  let got = 0;
  const counts = [0, 0];
  for (const [i, socket] of [first, second].entries()) socket.on('message', () => got++ && counts[i]++);
  for (const _ of range(60)) {
    const sender = udp.createSocket('udp4');
    await new Promise((resolve) => sender.send('x', port, '127.0.0.1', resolve));
    sender.close();
  }
  await eventually(() => got === 60, 'all datagrams');
  assert.ok(counts[0] > 0 && counts[1] > 0, counts.join());
});

test('an IPv6 server serves IPv4, too, unless ipv6Only is true', ipv6, async (t) => {
  const both = await listening(t, lib.createReuseportFd(0, '::'));
  assert.strictEqual(await answer(both.address().port, '127.0.0.1'), 'hello');
  assert.strictEqual(await answer(both.address().port, '::1'), 'hello');
  const only = await listening(t, lib.createReuseportFd(0, '::', { ipv6Only: true }));
  const { port } = only.address();
  assert.strictEqual(await answer(port, '::1'), 'hello');
  await assert.rejects(answer(port, '127.0.0.1'), { code: 'ECONNREFUSED' });
  const four = net.createServer((socket) => socket.end('four')).listen(port, '0.0.0.0'); // the IPv4 port is free
  t.after(() => four.close());
  await once(four, 'listening');
  assert.strictEqual(await answer(port, '127.0.0.1'), 'four');
});

test("ipv6Only works with type 'udp'", ipv6, async (t) => {
  const fd = lib.createReuseportFd(0, '::', { type: 'udp', ipv6Only: true });
  const six = await bound(t, 'udp6', { fd });
  const four = await bound(t, 'udp4', { port: six.address().port, address: '0.0.0.0' });
  assert.strictEqual(four.address().port, six.address().port);
});

test('invalid arguments throw and leave no descriptor open', options, () => {
  const before = openFds();
  for (const port of [-1, 65536, 1.5, NaN, 2 ** 32, '80', null, {}]) {
    const error = { name: 'RangeError', code: 'ERR_SOCKET_BAD_PORT' };
    assert.throws(() => lib.createReuseportFd(port, '127.0.0.1'), error, String(port));
    assert.throws(() => lib.listenReuseport(net.createServer(), { port }), error, String(port));
  }
  for (const host of ['', 'localhost', '1.2.3', '::1::', '127.0.0.1 ', '127.0.0.1\0']) {
    assert.throws(() => lib.createReuseportFd(0, host), /invalid host/, host);
    assert.throws(() => lib.listenReuseport(net.createServer(), { port: 0, host }), /invalid host/, host);
  }
  for (const bad of [7, true, {}]) assert.throws(() => lib.createReuseportFd(0, bad), { code: /^ERR_INVALID_ARG_/ });
  for (const bad of [7, 'udp']) {
    assert.throws(() => lib.createReuseportFd(0, '127.0.0.1', bad), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  for (const type of ['TCP', 'unix', '', 'toString']) {
    assert.throws(() => lib.createReuseportFd(0, '127.0.0.1', { type }), { code: 'ERR_INVALID_ARG_VALUE' });
  }
  assert.throws(() => lib.createReuseportFd(0, '::', { ipv6Only: 1 }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => lib.createReuseportFd(0, '203.0.113.77'), { code: 'EADDRNOTAVAIL', syscall: 'bind' });
  assert.strictEqual(openFds(), before);
});

test('closeFd() closes the descriptor and throws for invalid ones', options, () => {
  const before = openFds();
  const fd = lib.createReuseportFd(0, '127.0.0.1');
  assert.strictEqual(openFds(), before + 1);
  assert.strictEqual(lib.closeFd(fd), undefined);
  assert.strictEqual(openFds(), before);
  assert.throws(() => lib.closeFd(19999), { code: 'EBADF', syscall: 'close' });
  for (const bad of [-1, 1.5, NaN, Infinity, 2 ** 32]) {
    assert.throws(() => lib.closeFd(bad), { code: 'ERR_OUT_OF_RANGE' }, String(bad));
  }
  for (const bad of ['0', null, undefined, {}, true]) {
    assert.throws(() => lib.closeFd(bad), { code: 'ERR_INVALID_ARG_TYPE' }, String(bad));
  }
  fs.fstatSync(0);
});
