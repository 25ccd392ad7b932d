'use strict';
// A process of another user cannot bind the port of createReuseportFd() and listenReuseport(), at any moment.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const udp = require('node:dgram');
const fs = require('node:fs');
const net = require('node:net');
const { deadline, eventually, once } = require('../../helpers');
const { answer, ipv6 } = require('../../helpers/tcp');
const { lib } = require('../../helpers/lib');

const linux = process.platform === 'linux';
const options = { timeout: deadline, skip: !linux && 'Linux only' };
const asRoot = { timeout: deadline, skip: !(linux && process.getuid() === 0) && 'needs root' };

/** Another user tries to bind and to listen, with each combination of the options. */
const OTHER_USER = `
import itertools, os, socket, sys
kind, host, port = sys.argv[1:]
os.setgroups([]); os.setgid(65534); os.setuid(65534)
domain = socket.AF_INET6 if ':' in host else socket.AF_INET
for names in [(), ('SO_REUSEADDR',), ('SO_REUSEPORT',), ('SO_REUSEADDR', 'SO_REUSEPORT')]:
    s = socket.socket(domain, getattr(socket, kind))
    for name in names: s.setsockopt(socket.SOL_SOCKET, getattr(socket, name), 1)
    try:
        s.bind((host, int(port)))
        if kind == 'SOCK_STREAM': s.listen()
        print('bound with', *names)
    except OSError as err: print(err.strerror)
    s.close()`;

function otherUser(kind, host, port) {
  const text = execFileSync('python3', ['-c', OTHER_USER, kind, host, port], { encoding: 'utf8' });
  return text.trim().split('\n');
}

const REFUSED = Array(4).fill('Address already in use');
const refused = (kind, host, port) => assert.deepStrictEqual(otherUser(kind, host, port), REFUSED);

/** The port to which a descriptor is bound, and SO_REUSEADDR. */
function about(fd) {
  const source = `import socket
s = socket.socket(fileno=3)
print(s.getsockname()[1], s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR))`;
  const stdio = ['ignore', 'pipe', 'inherit', fd];
  const [port, reuse] = execFileSync('python3', ['-c', source], { stdio, encoding: 'utf8' }).trim().split(' ');
  return { port: Number(port), reuse: Number(reuse) };
}

const reuseAddress = (fd) => about(fd).reuse;

for (const [host, given] of Object.entries({
  '127.0.0.1': asRoot,
  '0.0.0.0': asRoot,
  '::1': { ...asRoot, skip: ipv6.skip || asRoot.skip },
})) {
  const other = host === '0.0.0.0' ? '127.0.0.1' : host;

  test(`TCP, ${host}: before the socket listens, while it listens, after a restart`, given, async (t) => {
    let port = 0;
    for (let round = 0; round < 3; round++) {
      const fd = lib.createReuseportFd(port, host);
      ({ port } = about(fd));
      refused('SOCK_STREAM', other, port);
      const server = net.createServer((socket) => socket.end('hello')).listen({ fd });
      t.after(() => server.close());
      await once(server, 'listening');
      refused('SOCK_STREAM', other, port);
      assert.strictEqual(await answer(port, other), 'hello'); // leaves a connection in TIME_WAIT
      server.close();
      await once(server, 'close');
    }
  });

  test(`TCP, ${host}: listenReuseport(), with several servers`, given, async (t) => {
    let port = 0;
    for (let i = 0; i < 2; i++) {
      const server = lib.listenReuseport(net.createServer(), { port, host });
      t.after(() => server.close());
      if (!server.listening) await once(server, 'listening');
      ({ port } = server.address());
      refused('SOCK_STREAM', other, port);
    }
  });

  test(`UDP, ${host}: before and after dgram.Socket#bind({ fd })`, given, async (t) => {
    for (const later of [false, true]) {
      const fd = lib.createReuseportFd(0, host, { type: 'udp' });
      const { port } = about(fd);
      refused('SOCK_DGRAM', other, port);
      if (later) await new Promise((resolve) => setTimeout(resolve, 20));
      const socket = udp.createSocket(host.includes(':') ? 'udp6' : 'udp4');
      t.after(() => socket.close());
      socket.bind({ fd });
      if (later) await eventually(() => reuseAddress(fd) === 0);
      else await new Promise(setImmediate);
      refused('SOCK_DGRAM', other, port);
    }
  });
}

describe('SO_REUSEADDR', () => {
  test('of a TCP socket is off until it listens', options, async (t) => {
    const fd = lib.createReuseportFd(0, '127.0.0.1');
    assert.strictEqual(reuseAddress(fd), 0);
    const server = net.createServer();
    t.after(() => server.close());
    server.listen({ fd });
    await eventually(() => reuseAddress(fd) === 1);
  });

  test('of a UDP socket is off', options, async (t) => {
    const fd = lib.createReuseportFd(0, '127.0.0.1', { type: 'udp' });
    assert.strictEqual(reuseAddress(fd), 0);
    const socket = udp.createSocket('udp4');
    t.after(() => socket.close());
    socket.bind({ fd });
    await eventually(() => reuseAddress(fd) === 0);
  });

  test('of another socket that has the number of a closed descriptor is not changed', options, async (t) => {
    const fd = lib.createReuseportFd(0, '127.0.0.1', { type: 'udp' });
    await new Promise(setImmediate); // it is looked at from now on
    lib.closeFd(fd);
    const other = udp.createSocket({ type: 'udp4', reuseAddr: true });
    t.after(() => other.close());
    // Numbers are given lowest first: the socket of node:dgram is opened when it binds.
    other.bind(0, '127.0.0.1');
    await once(other, 'listening');
    const number = fs
      .readdirSync('/proc/self/fd')
      .map(Number)
      .find((each) => each === fd);
    assert.strictEqual(number, fd);
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.strictEqual(reuseAddress(fd), 1);
  });
});

describe('a restart while connections are in TIME_WAIT', () => {
  /** Servers of one port, each of which leaves a connection in TIME_WAIT. */
  const servers = {
    createReuseportFd: (port) => net.createServer().listen({ fd: lib.createReuseportFd(port, '127.0.0.1') }),
    listenReuseport: (port) => lib.listenReuseport(net.createServer(), { port, host: '127.0.0.1' }),
    'net.Server': (port) => net.createServer().listen(port, '127.0.0.1'),
  };
  for (const first of Object.keys(servers)) {
    for (const second of Object.keys(servers)) {
      test(`${first}, then ${second}`, options, async (t) => {
        let port = 0;
        for (const name of [first, second]) {
          const server = servers[name](port);
          t.after(() => server.close());
          server.on('connection', (socket) => socket.end('hello'));
          if (!server.listening) await once(server, 'listening');
          ({ port } = server.address());
          await new Promise(setImmediate);
          assert.strictEqual(await answer(port), 'hello');
          server.close();
          await once(server, 'close');
        }
      });
    }
  }
});
