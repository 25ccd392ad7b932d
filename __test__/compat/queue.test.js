'use strict';
// The queue of node-unix-socket/unix-dgram: messages wait for a receiver that is full, restarts, or is replaced.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { deadline, eventually, once, runChild, sockPath } = require('../helpers');
const { DgramSocket } = require('../helpers/lib').lib;

const unix = require('../../js/compat/unix-dgram');
const queued = require('../../js/compat/unix-dgram-queued');
const file = require.resolve('../../js/compat/unix-dgram');

const VARIABLE = 'NODE_UNIX_SOCKET_UNIX_DGRAM_QUEUE';
const options = { timeout: deadline };

function receiver(t, at, listener) {
  const socket = new DgramSocket({ paused: listener === undefined });
  t.after(() => socket.close());
  if (listener) socket.on('data', (data) => listener(String(data)));
  socket.bind(at);
  return socket;
}

function sender(t, queue, at) {
  const socket = unix.createSocket({ type: 'unix_dgram', queue });
  t.after(() => socket.close());
  if (at) socket.connect(at);
  return socket;
}

/** Bytes of a message that is long compared with what the queue counts for each message. */
const SIZE = 100000;

/** Sends messages until one is refused. Returns how many were not. */
function fill(socket, size = SIZE) {
  let accepted = 0;
  let refused = false;
  while (!refused) {
    socket.send(Buffer.alloc(size), (err) => {
      if (err) refused = true;
      else accepted++;
    });
  }
  return accepted;
}

const range = (n, from = 0) => Array.from({ length: n }, (_, i) => `m${from + i}`);

/** Sends each message. All callbacks must report success before send() returns. */
function sendAll(socket, messages) {
  let sent = 0;
  for (const message of messages) {
    socket.send(Buffer.from(message), (err) => {
      assert.equal(err, undefined);
      sent++;
    });
  }
  assert.equal(sent, messages.length);
}

test('queue: true holds 1 MiB, a number that many bytes, false and 0 nothing', options, (t) => {
  const at = sockPath(t);
  receiver(t, at);
  const none = fill(sender(t, false, at), 1); // fills the receiver
  assert.ok(none > 0);
  for (const [queue, accepted] of [
    [true, 10],
    [250000, 2],
    [0, 0],
    [undefined, 0],
  ])
    assert.equal(fill(sender(t, queue, at)), accepted, `queue: ${queue}`);
  for (const queue of [-1, 1.5, '1', null])
    assert.throws(() => unix.createSocket({ type: 'unix_dgram', queue }), /options\.queue/);
});

test('the environment variable and the queued entry turn the queue on', options, (t) => {
  const at = sockPath(t);
  receiver(t, at);
  fill(sender(t, false, at), 1);
  t.after(() => delete process.env[VARIABLE]);
  const accepted = (library, options) => {
    const socket = library.createSocket(options || 'unix_dgram');
    t.after(() => socket.close());
    socket.connect(at);
    return fill(socket);
  };
  assert.deepEqual([accepted(unix), accepted(queued)], [0, 10]);
  for (const [value, count] of Object.entries({ 1: 10, 350000: 3, 0: 0, '': 0 })) {
    process.env[VARIABLE] = value;
    assert.equal(accepted(unix), count, `${VARIABLE}=${value}`);
  }
  process.env[VARIABLE] = '350000';
  assert.deepEqual([accepted(queued), accepted(unix, { type: 'unix_dgram', queue: false })], [3, 0]);
  process.env[VARIABLE] = '1 MB';
  assert.throws(() => accepted(unix), { code: 'ERR_INVALID_ARG_VALUE', message: new RegExp(VARIABLE) });
});

test("what exceeds the queue is refused with 'congestion', and 'writable' follows", options, async (t) => {
  const at = sockPath(t);
  const peer = receiver(t, at);
  fill(sender(t, false, at), 1);
  const socket = sender(t, 350000, at);
  assert.equal(fill(socket), 3);
  const congested = once(socket, 'congestion');
  socket.send(Buffer.alloc(SIZE, 'refused'));
  assert.equal(String((await congested)[0]).slice(0, 7), 'refused');
  const errors = [];
  socket.send(Buffer.alloc(SIZE), (err) => errors.push(err));
  assert.deepEqual([errors[0].message, errors[0].code, errors[0].errno], ['congestion', 1, undefined]);
  const writable = once(socket, 'writable');
  peer.on('data', () => {}).resume();
  await writable;
  sendAll(socket, ['accepted']);
});

test('send() to a name: waits while it is full, then EAGAIN; a missing receiver fails at once', options, async (t) => {
  const at = sockPath(t);
  const peer = receiver(t, at);
  fill(sender(t, false, at), 1);
  const socket = sender(t, 350000);
  const codes = [];
  const note = (err) => codes.push(err ? err.code : 0);
  for (let i = 0; i < 4; i++) socket.send(Buffer.alloc(SIZE, `${i}`), 0, SIZE, at, note);
  assert.deepEqual(codes, [0, 0, 0, -11]);
  socket.send(Buffer.from('x'), 0, 1, path.join(path.dirname(at), 'missing'), note);
  assert.deepEqual(codes.slice(4), [-2]);
  const got = [];
  peer.on('data', (data) => got.push(data.length === SIZE ? String(data)[0] : '')).resume();
  await eventually(() => got.slice(-3).join('') === '012');
});

test('connect() and messages that are too long fail as without a queue', options, (t) => {
  const at = sockPath(t);
  const socket = sender(t, true);
  assert.throws(() => socket.connect(at), { code: -2, errno: -2, syscall: 'connect' });
  receiver(t, at);
  socket.connect(at);
  assert.throws(() => socket.send(Buffer.alloc(1000000)), { code: -90, syscall: 'send' });
});

test('a receiver that reads slowly gets every message in order', options, async (t) => {
  const at = sockPath(t);
  const got = [];
  const peer = receiver(t, at, (data) => {
    got.push(data);
    if (got.length % 50 > 0) return;
    peer.pause();
    setTimeout(() => peer.resume(), 1);
  });
  sendAll(sender(t, true, at), range(2000));
  await eventually(() => got.length === 2000);
  assert.deepEqual(got, range(2000));
});

test('send() to one name: messages wait while the receiver is gone; with two names they fail', options, async (t) => {
  const at = sockPath(t);
  const got = [];
  const first = receiver(t, at, (data) => got.push(data));
  const socket = sender(t, true);
  const send = (text, to) =>
    socket.send(Buffer.from(text), 0, text.length, to, (err) => got.push(err ? err.code : 'ok'));
  send('m0', at);
  await eventually(() => got.length === 2);
  first.close();
  send('m1', at);
  fs.unlinkSync(at);
  const second = receiver(t, at, (data) => got.push(data));
  await eventually(() => got.length === 4);
  assert.deepEqual(got, ['ok', 'm0', 'ok', 'm1']);
  receiver(t, `${at}2`);
  send('m2', `${at}2`);
  second.close();
  send('m3', at);
  assert.deepEqual(got.slice(4), ['ok', -111]);
});

for (const [what, leave] of Object.entries({
  'unlinks its path, and binds again': (at) => fs.unlinkSync(at),
  'closes, and its path stays until another one binds': () => {},
})) {
  test(`a receiver that ${what}: every message arrives in order`, options, async (t) => {
    const at = sockPath(t);
    const got = [];
    const first = receiver(t, at, (data) => got.push(data));
    const socket = sender(t, true, at);
    sendAll(socket, range(20));
    await eventually(() => got.length === 20);
    leave(at);
    first.close();
    sendAll(socket, range(1000, 20));
    await new Promise((resolve) => setTimeout(resolve, 50)); // some attempts fail
    sendAll(socket, range(1000, 1020));
    fs.rmSync(at, { force: true });
    receiver(t, at, (data) => got.push(data));
    await eventually(() => got.length === 2020);
    assert.deepEqual(got, range(2020));
  });
}

test('a receiver that is replaced at its path: every message arrives, in order at each of them', options, async (t) => {
  const at = sockPath(t);
  const got = { first: [], second: [] };
  const first = receiver(t, at, (data) => got.first.push(data));
  const socket = sender(t, true, at);
  sendAll(socket, range(500));
  receiver(t, `${at}.new`, (data) => got.second.push(data));
  fs.renameSync(`${at}.new`, at);
  sendAll(socket, range(500, 500));
  await eventually(() => got.first.length + got.second.length === 1000);
  assert.deepEqual([...got.first, ...got.second], range(1000));
  assert.ok(got.second.length >= 500, `${got.second.length} to the second`);
  first.close();
});

test(
  'a receiver that reads nothing is replaced at its path: what waits reaches the new one at once',
  options,
  async (t) => {
    const at = sockPath(t);
    receiver(t, at);
    const socket = sender(t, true, at);
    sendAll(socket, range(4000));
    const got = [];
    receiver(t, `${at}.new`, (data) => got.push(data));
    fs.renameSync(`${at}.new`, at);
    const late = range(4000).slice(-1)[0];
    await eventually(() => got.includes(late)); // at 11 messages for each retry this would take 36 s
    assert.deepEqual(got, range(4000).slice(-got.length));
  },
);

/** A program that fills the receiver and the queue and calls close(). It prints whether it lives until a timer expires. */
const program = (prepare) => `
  const fs = require('fs');
  const unix = require(args.file);
  const socket = unix.createSocket({ type: 'unix_dgram', queue: true });
  socket.on('error', (err) => console.log(err.message));
  socket.connect(args.at);
  for (let i = 0; i < 500; i++) socket.send(Buffer.from('m' + i));
  ${prepare}
  setTimeout(() => console.log('waits'), 190).unref();
  socket.close();
  console.log(socket.fd);`;

test('close(): a receiver that reads gets what waits, then the process ends', options, async (t) => {
  const at = sockPath(t);
  const got = [];
  const peer = receiver(t, at, (data) => {
    got.push(data);
    peer.pause();
    setImmediate(() => peer.resume());
  });
  const { stdout, code } = await runChild(t, program(''), { args: { at, file } });
  assert.match(stdout, /^-1\n/);
  assert.equal(code, 0);
  await eventually(() => got.length === 500);
  assert.deepEqual(got, range(500));
});

test('close(): the process waits and ends if the receiver reads nothing', options, async (t) => {
  const at = sockPath(t);
  receiver(t, at);
  const { stdout, code } = await runChild(t, program(''), { args: { at, file } });
  assert.deepEqual({ stdout, code }, { stdout: '-1\nwaits\n', code: 0 });
});

test('close(): the process ends at once if the receiver is gone', options, async (t) => {
  const at = sockPath(t);
  receiver(t, at);
  const gone = `
    const receiver = new lib.DgramSocket({ paused: true });
    receiver.bind(args.own);
    socket.connect(args.own);
    for (let i = 0; i < 500; i++) socket.send(Buffer.from('m' + i));
    receiver.close();`;
  const script = program(gone).replace(/for .*\n/, '\n'); // nothing to the first receiver
  const { stdout, code } = await runChild(t, script, { args: { at, own: `${at}2`, file } });
  assert.deepEqual({ stdout, code }, { stdout: '-1\n', code: 0 });
});
