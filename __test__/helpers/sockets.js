'use strict';

/** Sockets for the contract's tests, each closed with its test, and ways to ask what becomes of a message. */
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

/** A server listening as the options say, on a fresh path unless they name one or a descriptor. */
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

/** A server, a client of it, and `peer`, the server's end of that connection. */
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

/** An abstract name that no other test uses, `\0` included. */
let names = 0;
function abstractName(suffix = '') {
  return `\0nus-${process.pid}-${++names}${suffix}`;
}

/** Hands one message to a socket of either class. */
function post(socket, ...args) {
  return socket.send ? socket.send(...args) : socket.write(...args);
}

/** Settles as the message's callback says. */
function sent(socket, ...args) {
  return new Promise((resolve, reject) => {
    post(socket, ...args, (err) => (err ? reject(err) : resolve()));
  });
}

/** The next n messages, each { data, path, info }; afterwards nobody listens, so what follows is held. */
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

/** The error of a call that may throw it or emit it: the contract names the error, not always the way. */
async function failure(emitter, call) {
  const emitted = new Promise((resolve) => emitter.once('error', resolve));
  try {
    call();
  } catch (err) {
    return err;
  }
  return emitted;
}

/** Lets the event loop go round n times: what the kernel already holds would be delivered by then. */
async function turns(n = 5) {
  for (let i = 0; i < n; i++) await new Promise(setImmediate);
}

/** Notes events as they come, each with the state of the socket. */
function logged(socket, name = '', log = []) {
  for (const event of ['connect', 'data', 'end', 'error', 'close']) {
    socket.on(event, (arg) => {
      const detail = { data: ` ${arg}`, error: ` ${arg && (arg.code || arg.message)}` }[event] || '';
      log.push(`${name}${event}${detail}`);
    });
  }
  return log;
}

/** Settles with 'close', or soon where that was before. Unlike once() it does not mind an 'error'. */
const closed = (socket) => (socket.closed ? turns() : new Promise((resolve) => socket.on('close', resolve)));

/** Writes messages of `size` bytes, each starting with its number, until some have to queue; returns how many. */
function fill(socket, size = 1000, ...to) {
  let count = 0;
  while (socket.writableLength === 0) {
    if (count === 100000) throw new Error('the queue never filled');
    post(socket, numbered(count++, size), ...to);
  }
  return count;
}

function numbered(number, size = 1000) {
  const message = Buffer.alloc(size);
  message.writeUInt32LE(number);
  return message;
}

const numberOf = (message) => message.readUInt32LE();
const range = (n) => Array.from({ length: n }, (_, i) => i);

/** A Node process running a function that closes over nothing, with `lib` and `args` in scope; a handle as python()'s. */
function node(t, fn, args = {}, { prefix = [] } = {}) {
  const source = `const lib = require(${JSON.stringify(require('./lib').root)});
    const args = ${JSON.stringify(args)}; (${fn})();`;
  const [file, ...rest] = [...prefix, process.execPath, '-e', source];
  return start(t, file, rest);
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
  range,
  sent,
  serve,
  texts,
  turns,
};
