'use strict';

/** Sockets that are closed after the test, and functions to send and receive messages. */
const assert = require('node:assert');
const { once } = require('node:events');
const { sockPath } = require('.');
const { lib } = require('./lib');
const { start } = require('./processes');

/** Closes the socket or server after the test. */
function closing(t, socket) {
  t.after(() => socket.close());
  return socket;
}

/** A datagram socket, bound if a path is given. */
function dgram(t, path, options) {
  const socket = closing(t, new lib.DgramSocket(options));
  if (path !== undefined) socket.bind(path);
  return socket;
}

/** A server that does not listen yet. */
function newServer(t, ...args) {
  return closing(t, new lib.SeqpacketServer(...args));
}

/** A listening server, on a new path unless the options contain a path or a descriptor. */
function serve(t, options = {}, serverOptions = undefined) {
  const server = newServer(t, serverOptions);
  const where = 'fd' in options ? {} : { path: sockPath(t) };
  return server.listen({ ...where, ...options });
}

function client(t, to, options) {
  const socket = closing(t, new lib.SeqpacketSocket(options));
  socket.connect(to);
  return socket;
}

/** A server, a client of it, and `peer`, the server's socket of that connection. */
async function connected(t, { listen = {}, options } = {}) {
  const server = serve(t, listen);
  const socket = client(t, server.address(), options);
  const [[peer]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  return { server, client: socket, peer: closing(t, peer), path: server.address() };
}

/** Two connected sockets of one class; `type` is 'seqpacket' or 'dgram'. */
function pair(t, type, options) {
  return lib.createSocketPair(type, options).map((socket) => closing(t, socket));
}

/** A pair whose second socket is paused. */
function pausedPair(t, type, options) {
  const [a, b] = pair(t, type, options);
  return [a, b.pause()];
}

/** An abstract name, with its leading NUL byte, that no other test uses. */
let names = 0;
function abstractName(suffix = '') {
  return `\0nus-${process.pid}-${++names}${suffix}`;
}

/** Calls send() or write(). */
function post(socket, ...args) {
  return socket.send ? socket.send(...args) : socket.write(...args);
}

/** Sends a message. Resolves or rejects with the result of its callback. */
function sent(socket, ...args) {
  return new Promise((resolve, reject) => {
    post(socket, ...args, (err) => (err ? reject(err) : resolve()));
  });
}

/** The next n messages, each { data, path, info }. Then removes its listener, so later messages are held. */
function messages(socket, n) {
  return new Promise((resolve) => {
    const got = [];
    socket.on('data', function onData(data, ...rest) {
      const info = rest.pop();
      if (got.push({ data, path: rest[0], info }) < n) return;
      socket.removeListener('data', onData);
      resolve(got);
    });
  });
}

/** The next n messages as strings. */
async function texts(socket, n) {
  return (await messages(socket, n)).map(({ data }) => data.toString());
}

/** The numbers that the next n messages begin with: see numbered(). */
async function numbers(socket, n) {
  return (await messages(socket, n)).map(({ data }) => numberOf(data));
}

/** The error that a call throws or emits. */
async function failure(emitter, call) {
  const emitted = new Promise((resolve) => emitter.once('error', resolve));
  try {
    call();
  } catch (err) {
    return err;
  }
  return emitted;
}

/** Waits for n turns of the event loop, in which messages that are in the kernel are delivered. */
async function turns(n = 5) {
  for (let i = 0; i < n; i++) await new Promise(setImmediate);
}

/** Records events with their messages or errors: these events, or all. */
function logged(socket, ...events) {
  const log = [];
  for (const event of events.length > 0 ? events : ['connect', 'data', 'end', 'error', 'close']) {
    socket.on(event, (arg) => {
      const detail = { data: ` ${arg}`, error: ` ${arg && (arg.code || arg.message)}` }[event] || '';
      log.push(`${event}${detail}`);
    });
  }
  return log;
}

/** Resolves on 'close', or soon if the socket is closed. Unlike once(), does not reject on 'error'. */
const closed = (socket) => (socket.closed ? turns() : new Promise((resolve) => socket.on('close', resolve)));

/** Sends numbered messages of `size` bytes until one is queued. Returns their count. */
function fill(socket, size = 1000, ...to) {
  let count = 0;
  while (socket.writableLength === 0) {
    if (count === 100000) throw new Error('no message was queued');
    post(socket, numbered(count++, size), ...to);
  }
  return count;
}

function numbered(number, size = 1000) {
  const message = Buffer.alloc(size);
  message.writeUInt32LE(number);
  return message;
}

/** What `count` queued messages of `size` bytes count in writableLength: 128 bytes more for each. */
const queued = (count, size) => count * (size + 128);

const numberOf = (message) => message.readUInt32LE();
const range = (n) => Array.from({ length: n }, (_, i) => i);

/** Starts a Node.js process that runs a function without closures, with `lib` and `args` in scope. */
function node(t, fn, args = {}, { prefix = [] } = {}) {
  const source = `const lib = require(${JSON.stringify(require('./lib').root)});
    const args = ${JSON.stringify(args)}; (${fn})();`;
  const [file, ...rest] = [...prefix, process.execPath, '-e', source];
  return start(t, file, rest);
}

/** Resolves to the argument of a callback that is called once, after its call has returned. */
function told(call) {
  return new Promise((resolve) => {
    let calls = 0;
    call((...args) => {
      assert.strictEqual(++calls, 1);
      assert.strictEqual(args.length, 1);
      resolve(args[0]);
    });
    assert.strictEqual(calls, 0);
  });
}

module.exports = {
  abstractName,
  client,
  closed,
  closing,
  connected,
  dgram,
  failure,
  fill,
  logged,
  messages,
  newServer,
  node,
  numberOf,
  numbered,
  numbers,
  pair,
  pausedPair,
  post,
  queued,
  range,
  sent,
  serve,
  texts,
  told,
  turns,
};
