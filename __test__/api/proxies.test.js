'use strict';
// A Proxy around a socket or server works as one around a net.Socket: every member can be used through it.

const test = require('node:test');
const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const { inspect } = require('node:util');
const { deadline, once, sockPath } = require('../helpers');
const { lib } = require('../helpers/lib');
const { closing } = require('../helpers/sockets');

const options = { timeout: deadline };

/** A Proxy that notes the members that are used through it. */
function noting(target, used) {
  return new Proxy(target, {
    get(object, name, receiver) {
      used.add(name);
      return Reflect.get(object, name, receiver);
    },
    set(object, name, value, receiver) {
      used.add(name);
      return Reflect.set(object, name, value, receiver);
    },
  });
}

/** util.inspect takes its function from the target of a Proxy. */
const notUsed = ['constructor', inspect.custom];

/** The members of a class, without those of EventEmitter that it does not override. */
function membersOf(Class) {
  const members = new Set();
  for (let { prototype } = Class; prototype !== EventEmitter.prototype; prototype = Object.getPrototypeOf(prototype)) {
    for (const name of Reflect.ownKeys(prototype)) if (!notUsed.includes(name)) members.add(name);
  }
  return members;
}

function assertAllUsed(Class, used) {
  const unused = [...membersOf(Class)].filter((name) => !used.has(name));
  assert.deepStrictEqual(unused, []);
}

/** Reads all accessors, through the Proxy and directly. */
function compareAccessors(Class, proxy, target) {
  for (const name of membersOf(Class)) {
    let { prototype } = Class;
    while (!Object.hasOwn(prototype, name)) prototype = Object.getPrototypeOf(prototype);
    if (Object.getOwnPropertyDescriptor(prototype, name).get) assert.deepStrictEqual(proxy[name], target[name], name);
  }
}

/** The members that both kinds of sockets have. */
function useCommonMembers(socket) {
  socket.setRecvBufferSize(65536);
  socket.setSendBufferSize(65536);
  assert.ok(socket.getRecvBufferSize() > 0 && socket.getSendBufferSize() > 0);
  assert.strictEqual(socket.ref().unref().ref(), socket);
  assert.strictEqual(socket.pause().isPaused(), true);
  assert.strictEqual(socket.resume().isPaused(), false);
  assert.match(inspect(socket), /fd: \d+/);
}

/** The next message through the Proxy, by each way to listen. */
async function nextMessage(socket, how) {
  return new Promise((resolve) => {
    const listener = (data) => {
      socket.removeListener('data', listener);
      resolve(String(data));
    };
    socket[how]('data', listener);
  });
}

test('every member of a DgramSocket can be used through a Proxy', options, async (t) => {
  const used = new Set();
  const target = closing(t, new lib.DgramSocket());
  const socket = noting(target, used);
  const peer = closing(t, new lib.DgramSocket());
  peer.bind(sockPath(t));
  const path = sockPath(t);
  socket.bind(path);
  assert.strictEqual(socket.address(), path);
  useCommonMembers(socket);
  compareAccessors(lib.DgramSocket, socket, target);
  const received = async () => String((await once(peer, 'data'))[0]);
  for (const send of [
    () => socket.sendTo(Buffer.from('x1x'), 1, 1, peer.address()),
    () => socket.send('1', peer.address()),
    () => {
      socket.cork();
      socket.send('1', peer.address());
      socket.uncork();
    },
  ]) {
    const got = received();
    send();
    assert.strictEqual(await got, '1');
  }
  for (const how of ['on', 'addListener', 'prependListener']) {
    const got = nextMessage(socket, how);
    peer.send(how, path);
    assert.strictEqual(await got, how);
  }
  socket.connect(peer.address());
  assert.strictEqual(socket.remoteAddress(), peer.address());
  socket.disconnect();
  if (socket.writableLengthTo) {
    assert.strictEqual(socket.writableLengthTo(peer.address()), 0);
    assert.strictEqual(socket.discard(peer.address()), 0);
  }
  const iterator = socket[Symbol.asyncIterator]();
  peer.send('iterated', path);
  assert.strictEqual(String((await iterator.next()).value.data), 'iterated');
  if (Symbol.asyncDispose) await socket[Symbol.asyncDispose]();
  socket.close();
  assert.strictEqual(socket.closed, true);
  assertAllUsed(lib.DgramSocket, used);
});

test('every member of a SeqpacketServer and a SeqpacketSocket can be used through a Proxy', options, async (t) => {
  const used = { server: new Set(), socket: new Set() };
  const target = closing(t, new lib.SeqpacketServer());
  const server = noting(target, used.server);
  const path = sockPath(t);
  const listening = once(server, 'listening');
  server.listen(path);
  await listening;
  assert.strictEqual(server.address(), path);
  assert.strictEqual(server.ref().unref().ref(), server);
  server.maxConnections = 10;
  compareAccessors(lib.SeqpacketServer, server, target);
  assert.match(inspect(server), /listening/);
  const listener = () => {};
  for (const how of ['addListener', 'prependListener']) {
    server[how]('close', listener);
    assert.deepStrictEqual(server.listeners('close'), [listener]);
    server.off('close', listener);
  }
  server.on('close', listener).removeAllListeners('close');
  assert.deepStrictEqual(server.listeners('close'), []);

  const inner = closing(t, new lib.SeqpacketSocket());
  const socket = noting(inner, used.socket);
  const connections = server[Symbol.asyncIterator]();
  const accepted = connections.next();
  const connected = once(socket, 'connect');
  socket.connect(path);
  const peer = closing(t, (await accepted).value);
  await Promise.all([connected, connections.return()]);
  useCommonMembers(socket);
  compareAccessors(lib.SeqpacketSocket, socket, inner);
  socket.setInternalReadBufferSize(socket.getInternalReadBufferSize());
  assert.strictEqual(socket.peerCredentials().pid, process.pid);
  assert.deepStrictEqual([socket.address(), socket.remoteAddress(), socket._state()], ['', path, 1]);
  const received = async () => String((await once(peer, 'data'))[0]);
  for (const send of [
    () => socket.write('1'),
    () => {
      socket.cork();
      socket.write('1');
      socket.uncork();
    },
  ]) {
    const got = received();
    send();
    assert.strictEqual(await got, '1');
  }
  for (const how of ['on', 'addListener', 'prependListener']) {
    const got = nextMessage(socket, how);
    peer.write(how);
    assert.strictEqual(await got, how);
  }
  const iterator = socket[Symbol.asyncIterator]();
  peer.write('iterated');
  assert.strictEqual(String((await iterator.next()).value), 'iterated');
  await iterator.return();
  const duplex = socket.toDuplex();
  const chunk = once(duplex, 'data');
  peer.write('chunk');
  assert.strictEqual(String((await chunk)[0]), 'chunk');
  socket.end();
  socket.close();
  assert.strictEqual(socket.destroy(), socket);
  if (Symbol.asyncDispose) await socket[Symbol.asyncDispose]();
  const closed = once(server, 'close');
  server.close();
  await closed;
  if (Symbol.asyncDispose) await server[Symbol.asyncDispose]();
  assertAllUsed(lib.SeqpacketServer, used.server);
  assertAllUsed(lib.SeqpacketSocket, used.socket);
});

test('a Proxy around a class makes sockets', options, (t) => {
  const Proxied = new Proxy(lib.DgramSocket, {});
  const socket = closing(t, new Proxied());
  assert.ok(socket instanceof lib.DgramSocket && socket.fd >= 0);
  class Mine extends Proxied {}
  assert.ok(closing(t, new Mine()).fd >= 0);
});

test('inspect() of a Proxy shows the socket, with showProxy both', options, (t) => {
  const socket = closing(t, new lib.DgramSocket());
  const proxy = new Proxy(socket, {});
  assert.strictEqual(inspect(proxy), inspect(socket));
  assert.strictEqual(
    inspect(proxy, { showProxy: true }).replace(/\s+/g, ' '),
    `Proxy [ ${inspect(socket)}, {} ]`.replace(/\s+/g, ' '),
  );
  const { proxy: revoked, revoke } = Proxy.revocable(socket, {});
  revoke();
  assert.strictEqual(inspect(revoked), '<Revoked Proxy>');
});
