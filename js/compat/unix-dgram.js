'use strict';
// The API of the npm package unix-dgram 2.0.7 over DgramSocket, for programs written for that package (hot-shots).
//
// If a peer is full, one message waits for it, and its callback runs when it is sent. Until then further messages to the
// peer are refused as unix-dgram refuses them: with 'congestion', and 'writable' when the peer reads again.

const dgram = require('dgram');
const { EventEmitter } = require('events');
const { constants } = require('os');
const { DgramSocket } = require('../dgram_socket');
const { nextTick } = require('../timers');

const { EAGAIN, EBADF } = constants.errno;
/** Used instead of a name for the connected peer. */
const CONNECTED = Symbol('connected');
const FULL = { errno: -EAGAIN, code: 'EAGAIN', syscall: 'send' };

/**
 * In unix-dgram's errors `code` is the negative errno as well. `nodeCode` is the code of Node.js.
 * @param {any} err
 * @param {string} [syscall] as unix-dgram names it
 * @returns {Error}
 */
function legacyError(err, syscall = err.syscall) {
  const number = err.errno === undefined ? -EBADF : err.errno;
  const legacy = new Error(`${syscall} ${number} ${err.code}`);
  return Object.assign(legacy, { errno: number, code: number, nodeCode: err.code, syscall, cause: err });
}

function congestionError() {
  return Object.assign(new Error('congestion'), { code: 1, nodeCode: 'EAGAIN' });
}

function notImplemented() {
  throw new Error('not implemented');
}

/** Emits what `action` throws, except for misuse. @param {Socket} socket @param {string} syscall @param {() => void} action */
function attempt(socket, syscall, action) {
  try {
    action();
    return true;
  } catch (/** @type {any} */ err) {
    if (err.errno === undefined && err.code !== 'ERR_SOCKET_CLOSED') throw err;
    socket.emit('error', legacyError(err, syscall));
    return false;
  }
}

class Socket extends EventEmitter {
  #socket = new DgramSocket();
  /** Names of the peers for which a message waits. */
  #waiting = new Set();
  /** A message to the connected peer was refused, so 'writable' has to follow. */
  #refused = false;

  /** @param {string} type @param {unknown} [listener] */
  constructor(type, listener) {
    super();
    this.type = type;
    this.connected = false;
    if (typeof listener === 'function') this.on('message', /** @type {any} */ (listener));
    this.#socket.on('data', (data, path) => {
      this.emit('message', data, { size: data.length, address: {}, path: path || null });
    });
    this.#socket.on('error', (err) => {
      this.emit('error', legacyError(err));
    });
  }

  get fd() {
    return this.#socket.fd;
  }

  /** @param {string} path */
  bind(path) {
    if (attempt(this, 'bind', () => this.#socket.bind(path))) this.emit('listening');
  }

  /** @param {string} path */
  connect(path) {
    if (!attempt(this, 'connect', () => this.#socket.connect(path))) return;
    this.connected = true;
    this.emit('connect');
  }

  /**
   * send(buf, callback) to the connected peer; send(buf, offset, length, path, callback) to any peer.
   * @type {(buf: any, offset?: any, length?: number, path?: string, callback?: (err?: Error) => void) => void}
   */
  send(buf, offset, length, path, callback) {
    const toPeer = path === undefined;
    const peer = toPeer ? CONNECTED : path;
    const onResult = toPeer && typeof offset === 'function' ? offset : callback;
    if (this.#waiting.has(peer)) {
      if (toPeer) this.#refused = true;
      if (typeof onResult === 'function') onResult(toPeer ? congestionError() : legacyError(FULL));
      else if (toPeer) this.emit('congestion', buf);
      else this.emit('error', legacyError(FULL));
      return;
    }
    let waits = false;
    const done = (/** @type {any} */ err) => {
      if (waits) this.#waiting.delete(peer);
      const failure = err ? legacyError(err, 'send') : undefined;
      if (typeof onResult === 'function') onResult(failure);
      else if (failure) this.emit('error', failure);
      if (!waits || !toPeer || !this.#refused || this.#socket.closed) return;
      this.#refused = false;
      this.emit('writable');
    };
    const before = this.#socket.writableLength;
    try {
      if (toPeer) this.#socket.send(buf, done);
      else this.#socket.sendTo(buf, offset, /** @type {any} */ (length), path, done);
    } catch (/** @type {any} */ err) {
      if (err.code !== 'ERR_SOCKET_CLOSED') throw err;
      nextTick(done, err);
    }
    waits = this.#socket.writableLength > before;
    if (waits) this.#waiting.add(peer);
  }

  /** @param {any} buf @param {any} offset @param {any} length @param {any} path @param {any} [callback] */
  sendto(buf, offset, length, path, callback) {
    this.send(buf, offset, length, path, callback);
  }

  close() {
    this.#socket.close();
  }

  // Methods that unix-dgram does not have.

  address() {
    return this.#socket.address();
  }

  ref() {
    this.#socket.ref();
    return this;
  }

  unref() {
    this.#socket.unref();
    return this;
  }
}

for (const name of [
  'setTTL',
  'setBroadcast',
  'setMulticastTTL',
  'setMulticastLoopback',
  'addMembership',
  'dropMembership',
]) {
  /** @type {any} */ (Socket.prototype)[name] = notImplemented;
}

/** @param {string} type @param {(...args: any[]) => void} [listener] @returns {any} */
exports.createSocket = function createSocket(type, listener) {
  if (type === 'udp4' || type === 'udp6') return dgram.createSocket(type, listener);
  if (type !== 'unix_dgram') throw new Error(`Unsupported socket type: ${type}`);
  return new Socket(type, listener);
};
