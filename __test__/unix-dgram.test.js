'use strict';
// node-unix-socket/unix-dgram beside the real unix-dgram, and under an unmodified hot-shots.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { collect, deadline, eventually, once, python, runChild, sockPath, tmp } = require('./helpers');

const root = path.join(__dirname, '..');
const ours = require('../js/unix-dgram');

/** The real one, where it compiled. */
function real() {
  try {
    return require('unix-dgram');
  } catch (err) {
    if (process.env.REQUIRE_PEERS) throw err;
    return null;
  }
}

/** A socket that records each event and each callback in the order they come. */
function recorded(t, unix, log, name) {
  const socket = unix.createSocket('unix_dgram', (data, { size, path: from }) => {
    log.push(`${name} message ${data} ${size} ${from === null ? null : path.basename(from)}`);
  });
  for (const event of ['listening', 'connect', 'writable']) socket.on(event, () => log.push(`${name} ${event}`));
  socket.on('congestion', (buf) => log.push(`${name} congestion ${buf}`));
  socket.on('error', ({ code, errno, syscall }) => log.push(`${name} error ${code} ${errno} ${syscall}`));
  t.after(() => {
    if (socket.fd >= 0) socket.close();
  });
  return socket;
}

async function conversation(t, unix) {
  const log = [];
  const has = (line) => eventually(() => log.some((entry) => entry.startsWith(line)), line);
  const folder = tmp(t);
  const [server, client] = [recorded(t, unix, log, 'server'), recorded(t, unix, log, 'client')];
  const at = path.join(folder, 'server');
  server.bind(at);
  client.bind(path.join(folder, 'client'));
  client.bind(path.join(folder, 'again'));
  client.sendto(Buffer.from('xsliced'), 1, 6, at, (err) => log.push(`callback ${err}`));
  await has('server message sliced');
  client.send(Buffer.from('lost'), 0, 4, path.join(folder, 'nobody'), ({ code }) => log.push(`callback ${code}`));
  await has('callback -2');
  client.send(Buffer.from('lost'), 0, 4, path.join(folder, 'nobody'));
  await has('client error -2 -2 send');
  client.connect(path.join(folder, 'nobody'));
  client.connect(at);
  client.send(Buffer.from('connected'));
  await has('server message connected');
  server.close();
  client.send(Buffer.from('lost'), ({ code }) => log.push(`callback ${code}`));
  await has('callback -111');
  client.close();
  log.push(`fd ${client.fd} ${server.fd} ${client.type} ${client.connected}`);
  return log;
}

test('the same events, callbacks and codes as unix-dgram', { timeout: deadline }, async (t) => {
  const theirs = real();
  const mine = await conversation(t, ours);
  assert.ok(mine.includes('callback undefined') && mine.includes('client connect'), mine.join('\n'));
  if (theirs) assert.deepEqual(mine, await conversation(t, theirs));
  else t.skip('unix-dgram did not compile here');
});

test('its surface is there: methods, and what is not implemented', { timeout: deadline }, (t) => {
  const theirs = real();
  if (!theirs) return t.skip('unix-dgram did not compile here');
  assert.throws(() => ours.createSocket('unix_stream'), /Unsupported socket type: unix_stream/);
  const pair = [ours, theirs].map((unix) => unix.createSocket('unix_dgram'));
  const own = (socket) => Object.getOwnPropertyNames(Object.getPrototypeOf(socket));
  for (const name of own(pair[1])) {
    assert.equal(typeof pair[0][name], 'function', name);
    if (/TTL|Broadcast|Multicast|Membership/.test(name))
      assert.throws(() => pair[0][name](), /^Error: not implemented$/);
  }
  for (const socket of pair) socket.close();
  const udp = ours.createSocket('udp4');
  assert.ok(udp instanceof require('node:dgram').Socket);
  udp.close();
});

for (const [what, unix] of [
  ['this one', () => ours],
  ['unix-dgram', real],
]) {
  test(`congestion refuses and tells when it ends: ${what}`, { timeout: deadline }, async (t) => {
    const library = unix();
    if (!library) return t.skip('unix-dgram did not compile here');
    const at = sockPath(t);
    const server = library.createSocket('unix_dgram');
    server.bind(at);
    const client = library.createSocket('unix_dgram');
    client.connect(at);
    const refused = [];
    client.on('congestion', (buf) => refused.push(String(buf)));
    const got = collect(server, 'message', 50);
    for (let i = 0; i < 50; i++) client.send(Buffer.from(`m${i}`));
    assert.ok(refused.length > 30, `${refused.length} refused`);
    while (refused.length > 0) {
      await once(client, 'writable');
      for (const again of refused.splice(0)) client.send(Buffer.from(again));
    }
    const names = (await got).map(([data]) => String(data));
    assert.deepEqual(names.sort(), Array.from({ length: 50 }, (_, i) => `m${i}`).sort(), 'each once');
    const last = await new Promise((resolve) => {
      for (let sent = 0; sent < 50; sent++) client.send(Buffer.from('x'), (err) => err && resolve(err));
    });
    assert.deepEqual([last.code, last.message], [1, 'congestion']);
    client.close();
    server.close();
  });
}

test('after close: errors, no exception; its message told once', { timeout: deadline }, async () => {
  const client = ours.createSocket('unix_dgram');
  client.close();
  client.close();
  const [err] = await new Promise((resolve) => client.send(Buffer.from('x'), (...args) => resolve(args)));
  assert.deepEqual([err.code, err.nodeCode, err.syscall], [-9, 'ERR_SOCKET_CLOSED', 'send']);
  client.send(Buffer.from('x'));
  const [emitted] = await once(client, 'message').catch((error) => [error]);
  assert.equal(emitted.code, -9);
});

test('misuse throws', { timeout: deadline }, (t) => {
  const client = ours.createSocket('unix_dgram');
  t.after(() => client.close());
  assert.throws(() => client.send('x', 0, 5, sockPath(t)), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => client.bind(1), { code: 'ERR_INVALID_ARG_TYPE' });
});

const RECEIVER = `
import os, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('bound')
sys.stdin.readline()
while True:
    for line in receiver.recv(65536).decode().splitlines():
        print(line)
`;

/** hot-shots as npm lays it out with the override: its require('unix-dgram') finds npm/unix-dgram. */
function installHotShots(t) {
  const modules = path.join(tmp(t), 'node_modules');
  fs.mkdirSync(modules);
  fs.cpSync(path.join(root, 'node_modules', 'hot-shots'), path.join(modules, 'hot-shots'), { recursive: true });
  fs.cpSync(path.join(root, 'npm', 'unix-dgram'), path.join(modules, 'unix-dgram'), { recursive: true });
  fs.symlinkSync(root, path.join(modules, 'node-unix-socket'));
  return modules;
}

const script = (body) => `
  const { StatsD } = require(args.modules + '/hot-shots');
  const errors = [];
  const client = new StatsD({ protocol: 'uds', path: args.at, maxBufferSize: 0, udsGracefulRestartRateLimit: 1,
    udsRetryOptions: { retries: 50, retryDelayMs: 5, maxRetryDelayMs: 20 }, errorHandler: (err) => errors.push(err.message) });
  const count = (name) => new Promise((resolve) => client.increment(name, 1, resolve));
  const fs = require('fs');
  (async () => { ${body} })();`;

test('hot-shots: congestion, every metric once', { timeout: deadline }, async (t) => {
  const at = sockPath(t);
  const receiver = python(t, RECEIVER, [at]);
  assert.equal(await receiver.line(), 'bound');
  const child = runChild(
    t,
    script(`
      const all = Promise.all(Array.from({ length: 100 }, (_, i) => count('metric.' + i)));
      setTimeout(() => fs.writeFileSync(args.at + '.full', ''), 50);
      const failed = (await all).filter(Boolean);
      client.close((err) => console.log(JSON.stringify({ failed, errors, err: err || null })));`),
    { args: { at, modules: installHotShots(t) } },
  );
  await eventually(() => fs.existsSync(`${at}.full`), 'the queue is full');
  receiver.send('go\n');
  const names = [];
  while (names.length < 100) names.push((await receiver.line()).split(':')[0]);
  assert.equal(new Set(names).size, 100);
  const { code, stdout, stderr } = await child;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.deepEqual(JSON.parse(stdout), { failed: [], errors: [], err: null });
});

test('hot-shots: the server restarts, metrics arrive again', { timeout: deadline }, async (t) => {
  const at = sockPath(t);
  const first = python(t, RECEIVER, [at]);
  assert.equal(await first.line(), 'bound');
  first.send('go\n');
  const child = runChild(
    t,
    script(`
      await count('before');
      while (!fs.existsSync(args.at + '.gone')) await new Promise((next) => setTimeout(next, 5));
      let err = await count('during');
      fs.writeFileSync(args.at + '.tried', '');
      const during = err ? err.message.split(' ').pop() : 'sent';
      while (!fs.existsSync(args.at + '.back')) await new Promise((next) => setTimeout(next, 5));
      do { err = await count('after'); await new Promise((next) => setTimeout(next, 5)); } while (err);
      client.close(() => console.log(during));`),
    { args: { at, modules: installHotShots(t) } },
  );
  assert.match(await first.line(), /^before:1\|c/);
  first.kill();
  await first.done;
  fs.writeFileSync(`${at}.gone`, '');
  await eventually(() => fs.existsSync(`${at}.tried`), 'a metric was sent to nobody');
  fs.unlinkSync(at);
  const second = python(t, RECEIVER, [at]);
  assert.equal(await second.line(), 'bound');
  second.send('go\n');
  fs.writeFileSync(`${at}.back`, '');
  let line = await second.line();
  while (line.startsWith('during')) line = await second.line();
  assert.match(line, /^after:1\|c/);
  const { code, stdout, stderr } = await child;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.match(stdout, /ECONNREFUSED|sent/);
});
