'use strict';
// node-unix-socket/unix-dgram compared with unix-dgram. hot-shots.test.js uses it as hot-shots does.

const assert = require('node:assert');
const dgram = require('node:dgram');
const { EventEmitter } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { test } = require('node:test');
const { collect, deadline, eventually, once, runChild, sockPath, tmp } = require('../helpers');
const { testsUnixDgram } = require('../helpers/unix-dgram');

const ours = require('../../js/compat/unix-dgram');

/** A socket that is closed after the test, because sockets of unix-dgram keep the process alive. */
function open(t, unix, listener) {
  const socket = unix.createSocket('unix_dgram', listener);
  t.after(() => {
    if (socket.fd >= 0) socket.close();
  });
  return socket;
}

/** A socket that records its events in order. */
function recorded(t, unix, log, name) {
  const socket = open(t, unix, (data, { size, path: from }) => {
    log.push(`${name} message ${data} ${size} ${from === null ? null : path.basename(from)}`);
  });
  for (const event of ['listening', 'connect', 'writable', 'close'])
    socket.on(event, () => log.push(`${name} ${event}`));
  socket.on('congestion', (buf) => log.push(`${name} congestion ${buf}`));
  socket.on('error', ({ code, errno, syscall }) => log.push(`${name} error ${code} ${errno} ${syscall}`));
  return socket;
}

/** Records the events, callbacks and states of two sockets in a conversation. */
async function conversation(t, unix) {
  const log = [];
  const has = (line) => eventually(() => log.some((entry) => entry.startsWith(line)), line);
  const note = (what) => (err) =>
    log.push(`${what} ${err === undefined ? 'sent' : `${err.code} ${err.errno} ${err.syscall}`}`);
  const folder = tmp(t);
  const at = path.join(folder, 'server');
  const nobody = path.join(folder, 'nobody');
  const [server, client] = [recorded(t, unix, log, 'server'), recorded(t, unix, log, 'client')];

  server.bind(at);
  client.bind(at);
  client.bind(path.join(folder, 'client'));
  client.bind(path.join(folder, 'again'));
  client.sendto(Buffer.from('xsliced'), 1, 6, at, note('slice'));
  await has('server message sliced');
  client.send(Buffer.alloc(0), 0, 0, at, note('empty'));
  await has('server message  0');
  const unnamed = recorded(t, unix, log, 'unnamed');
  unnamed.send(Buffer.from('unnamed'), 0, 7, at);
  await has('server message unnamed');
  unnamed.close();

  client.send(Buffer.from('lost'), 0, 4, nobody, note('to nobody'));
  await has('to nobody');
  client.send(Buffer.from('lost'), 0, 4, nobody);
  await has('client error -2 -2 send');
  client.send(Buffer.alloc(1000000), 0, 1000000, at, note('too long'));
  await has('too long');

  client.connect(nobody);
  const stream = net.createServer().listen(path.join(folder, 'stream'));
  t.after(() => stream.close());
  await once(stream, 'listening');
  client.connect(path.join(folder, 'stream'));
  log.push(`connected ${Boolean(client.connected)}`);
  client.connect(at);
  client.send(Buffer.from('connected'));
  await has('server message connected');
  client.send(Buffer.from('with callback'), note('to the peer'));
  await has('server message with callback');
  await has('to the peer');
  client.send(Buffer.alloc(1000000), note('too long for the peer'));
  await has('too long for the peer');

  server.close();
  client.send(Buffer.from('lost'), note('to the closed'));
  await has('to the closed');
  client.send(Buffer.from('lost'));
  await has('client error -107 -107 send');
  fs.unlinkSync(at);
  const restarted = recorded(t, unix, log, 'restarted');
  restarted.bind(at);
  client.connect(at);
  client.send(Buffer.from('again'));
  await has('restarted message again');
  for (const socket of [client, restarted]) socket.close();
  await new Promise(setImmediate);
  log.push(`fd ${client.fd} ${server.fd} ${client.type} ${client.connected}`);
  return log;
}

testsUnixDgram(
  'events, callbacks and error codes are those of unix-dgram',
  { timeout: deadline },
  async (t, theirs) => {
    const mine = await conversation(t, ours);
    assert.ok(mine.includes('slice sent') && mine.includes('client connect'), mine.join('\n'));
    assert.deepEqual(mine, await conversation(t, theirs));
  },
);

testsUnixDgram("an error without an 'error' listener is thrown by the call", { timeout: deadline }, (t, theirs) => {
  const missing = path.join(tmp(t), 'missing', 's');
  for (const unix of [ours, theirs]) {
    const socket = open(t, unix);
    for (const method of ['bind', 'connect'])
      assert.throws(() => socket[method](missing), { code: -2, errno: -2, syscall: method });
  }
});

testsUnixDgram('the methods of unix-dgram exist, and unimplemented ones throw', { timeout: deadline }, (t, theirs) => {
  for (const unix of [ours, theirs]) {
    assert.throws(() => unix.createSocket('unix_stream'), /^Error: Unsupported socket type: unix_stream$/);
    const socket = open(t, unix);
    assert.ok(socket instanceof EventEmitter);
    assert.ok(fs.fstatSync(socket.fd).isSocket());
    const udp = unix.createSocket('udp4');
    assert.ok(udp instanceof dgram.Socket);
    udp.close();
  }
  const pair = [ours, theirs].map((unix) => open(t, unix));
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(pair[1]))) {
    assert.equal(typeof pair[0][name], 'function', name);
    if (/TTL|Broadcast|Multicast|Membership/.test(name))
      assert.throws(() => pair[0][name](), /^Error: not implemented$/);
  }
});

async function congestion(t, unix) {
  const at = sockPath(t);
  const server = open(t, unix);
  server.bind(at);
  const client = open(t, unix);
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
  assert.deepEqual([last.code, last.errno, last.syscall, last.message], [1, undefined, undefined, 'congestion']);
}

const refuses = "a full receiver: 'congestion' and an error for each message, then 'writable'";
test(`${refuses}: this package`, { timeout: deadline }, (t) => congestion(t, ours));
testsUnixDgram(`${refuses}: unix-dgram`, { timeout: deadline }, congestion);

testsUnixDgram(
  'a full receiver without connect(): the callback gets EAGAIN',
  { timeout: deadline },
  async (t, theirs) => {
    for (const unix of [ours, theirs]) {
      const at = sockPath(t);
      const server = open(t, unix);
      server.bind(at);
      const client = open(t, unix);
      const err = await new Promise((resolve) => {
        for (let i = 0; i < 50; i++) client.send(Buffer.from('x'), 0, 1, at, (failure) => failure && resolve(failure));
      });
      assert.deepEqual([err.code, err.errno, err.syscall], [-11, -11, 'send']);
    }
  },
);

test("after a second close(), send() calls back or emits 'error' as for any failed call", {
  timeout: deadline,
}, (t) => {
  const client = open(t, ours);
  client.close();
  client.close();
  const got = [];
  client.send(Buffer.from('x'), (...args) => got.push(args));
  const [[err]] = got;
  assert.deepEqual([err.code, err.nodeCode, err.syscall], [-9, 'ERR_SOCKET_CLOSED', 'send']);
  assert.throws(() => client.send(Buffer.from('x')), { code: -9, nodeCode: 'ERR_SOCKET_CLOSED' });
  client.on('error', ({ code }) => got.push(code));
  client.send(Buffer.from('x'));
  assert.deepEqual(got.slice(1), [-9]);
});

test('a string is sent to the connected peer, and longer messages than 64 KiB arrive whole', {
  timeout: deadline,
}, async (t) => {
  const at = sockPath(t);
  const server = open(t, ours);
  server.bind(at);
  const client = open(t, ours);
  client.connect(at);
  const got = collect(server, 'message', 2);
  client.send('text');
  client.send(Buffer.alloc(150000));
  const [[text], [long, { size }]] = await got;
  assert.deepEqual([String(text), long.length, size], ['text', 150000, 150000]);
});

/** As winston-syslog flushes its queue: what succeeded inside the loop is removed from it. */
async function flushes(t, unix) {
  const at = sockPath(t);
  const server = open(t, unix);
  server.bind(at);
  const client = open(t, unix);
  const got = [];
  server.on('message', (data) => got.push(String(data)));
  const expected = Array.from({ length: 1000 }, (_, i) => `m${i}`);
  const queue = [...expected];
  function flush() {
    let sent = 0;
    let congested = false;
    for (const message of queue) {
      if (congested) break;
      client.send(Buffer.from(message), (err) => {
        if (err) congested = true;
        else sent++;
      });
    }
    queue.splice(0, sent);
  }
  client.connect(at);
  client.on('writable', flush);
  flush();
  await eventually(() => queue.length === 0 && got.length >= expected.length);
  assert.deepEqual(got, expected);
}

const once1000 = 'a program that counts successes inside its loop sends 1,000 messages once, in order';
test(`${once1000}: this package`, { timeout: deadline }, (t) => flushes(t, ours));
test(`${once1000}: with a queue`, { timeout: deadline }, (t) =>
  flushes(t, require('../../js/compat/unix-dgram-queued')),
);
testsUnixDgram(`${once1000}: unix-dgram`, { timeout: deadline }, flushes);

test('waiting for room takes no CPU time', { timeout: deadline }, async (t) => {
  const at = sockPath(t);
  const script = `
    const unix = require(args.file);
    const receiver = new lib.DgramSocket({ paused: true });
    receiver.bind(args.at);
    const client = unix.createSocket('unix_dgram');
    client.connect(args.at);
    let congested = false;
    client.on('congestion', () => { congested = true; });
    while (!congested) client.send(Buffer.from('x'));
    client.on('writable', () => console.log('writable'));
    const before = process.cpuUsage();
    setTimeout(() => {
      const { user, system } = process.cpuUsage(before);
      console.log(user + system < 100000 ? 'idle' : 'busy');
      client.once('writable', () => process.exit());
      receiver.on('data', () => {}).resume();
    }, 500);`;
  const { stdout, code } = await runChild(t, script, {
    args: { at, file: require.resolve('../../js/compat/unix-dgram') },
  });
  assert.deepEqual({ stdout, code }, { stdout: 'idle\nwritable\n', code: 0 });
});

test('invalid arguments throw ERR_INVALID_ARG_TYPE', { timeout: deadline }, (t) => {
  const client = open(t, ours);
  assert.throws(() => client.send('x', 0, 5, sockPath(t)), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => client.bind(1), { code: 'ERR_INVALID_ARG_TYPE' });
});
