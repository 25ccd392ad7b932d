'use strict';
// The API of the npm package unix-dgram 2.0.7, for programs written for that package (hot-shots, winston-syslog). As there,
// send() makes one system call, and reports its result before it returns, unless the socket has a queue (send_queue.js).

const dgram = require('dgram');
const { EventEmitter } = require('events');
const { constants } = require('os');
const { getSystemErrorName } = require('util');
const { MAX_PATH, SendMode } = require('../constants');
const { destinationId } = require('../destinations');
const { DgramSocket } = require('../dgram_socket');
const diagnostics = require('../diagnostics');
const { hotCalls } = require('../environment');
const { expectDrain } = require('../send_results');
const { stateOf } = require('../state');
const validate = require('../validate');
const { SendQueue, queueBytes } = require('./send_queue');

const { EAGAIN, EBADF, ENOBUFS, ENOENT, EWOULDBLOCK } = constants.errno;

/** Names of errnos that were needed. @type {{ [errno: number]: string }} */
const names = {};

/** @param {number} errno positive @returns {string} for example 'ENOENT' */
function errnoName(errno) {
  if (names[errno] === undefined) names[errno] = getSystemErrorName(-errno);
  return names[errno];
}

/** @param {number} errno positive @param {string} syscall @param {string} [nodeCode] */
function systemError(errno, syscall, nodeCode) {
  const err = /** @type {any} */ (new Error(`${syscall} ${-errno}`));
  err.errno = -errno;
  err.code = -errno;
  err.syscall = syscall;
  err.nodeCode = nodeCode || errnoName(errno);
  return err;
}

function congestionError() {
  const err = /** @type {any} */ (new Error('congestion'));
  err.code = 1;
  err.nodeCode = 'EAGAIN';
  return err;
}

/** @param {string} syscall */
function closedError(syscall) {
  return systemError(EBADF, syscall, 'ERR_SOCKET_CLOSED');
}

/** unix-dgram's error for one of this package. @param {any} err @param {string} [syscall] as unix-dgram names it */
function legacyError(err, syscall = err.syscall === 'sendto' ? 'send' : err.syscall) {
  if (err.errno !== undefined) return systemError(-err.errno, syscall, err.code);
  if (err.code === 'ERR_SOCKET_CLOSED') return closedError(syscall);
  throw err;
}

/** @param {number} errno */
function isFull(errno) {
  return errno === EAGAIN || errno === EWOULDBLOCK || errno === ENOBUFS;
}

/**
 * The name that unix-dgram passes to the kernel: cut at a null byte, and to the bytes that the kernel has room for. An empty
 * name is the abstract one that consists of null bytes.
 * @param {any} path
 */
function nameOf(path) {
  if (typeof path !== 'string' || (path !== '' && Buffer.byteLength(path) < MAX_PATH && !path.includes('\0')))
    return path;
  const bytes = Buffer.from(path).subarray(0, MAX_PATH - 1);
  const end = bytes.indexOf(0);
  return end === 0 || bytes.length === 0 ? Buffer.alloc(MAX_PATH) : bytes.subarray(0, end < 0 ? MAX_PATH : end);
}

function notImplemented() {
  throw new Error('not implemented');
}

/** Emits what `action` throws, except for misuse. @param {Socket} socket @param {string} syscall @param {() => void} action */
function attempt(socket, syscall, action) {
  let error;
  try {
    if (socket.fd < 0) error = closedError(syscall);
    else action();
  } catch (err) {
    error = legacyError(err, syscall);
  }
  if (error !== undefined) socket.emit('error', error);
  return error === undefined;
}

/**
 * Returns 0 if the message was sent or queued, otherwise the errno. `to` is undefined for the connected peer.
 * @type {(state: any, view: any, start: number, size: number, to: any, mode: number) => number}
 */
function transmit(state, view, start, size, to, mode) {
  const result = hotCalls.send(state.hotKey, view, start, size, 0, destinationId(state, to, 'send'), mode);
  if (result >= 0) return 0;
  // ENOBUFS means that the queue is full.
  return mode === SendMode.SEND_OR_QUEUE && -result === ENOBUFS ? EAGAIN : -result;
}

class Socket extends EventEmitter {
  /** @type {any} */
  #socket;
  /** @type {any} */
  #state;
  /** @type {SendQueue | undefined} */
  #queue;

  /** @param {string} type @param {unknown} listener @param {number} bytes of the queue, 0 without one */
  constructor(type, listener, bytes) {
    super();
    try {
      this.#socket = new DgramSocket({ maxQueuedBytes: bytes, writableHighWaterMark: Infinity });
    } catch (err) {
      throw legacyError(err, 'socket');
    }
    this.#state = stateOf(this.#socket);
    if (bytes > 0) this.#queue = new SendQueue(this.#socket, this.#state);
    this.fd = this.#socket.fd;
    this.type = type;
    if (typeof listener === 'function') this.on('message', /** @type {any} */ (listener));
    this.#socket.on('data', (/** @type {Buffer} */ data, /** @type {string} */ path) => {
      const named = path !== '' && path[0] !== '\0';
      this.emit('message', data, { size: data.length, address: {}, path: named ? path : null });
    });
    this.#socket.on('error', (/** @type {any} */ err) => {
      this.emit('error', legacyError(err));
    });
    this.#socket.on('drain', () => {
      this.emit('writable');
    });
  }

  /** @param {any} path */
  bind(path) {
    const name = validate.path(nameOf(path));
    if (attempt(this, 'bind', () => this.#socket.bind(name))) this.emit('listening');
  }

  /** @param {any} path */
  connect(path) {
    const name = validate.path(nameOf(path));
    if (!attempt(this, 'connect', () => this.#state.connectDatagram(name, 0))) return;
    if (this.#queue !== undefined) this.#queue.connected(nameOf(path));
    diagnostics.connected(this.#state, name);
    this.connected = true;
    this.emit('connect');
  }

  /**
   * send(buf, callback) if the socket is connected, otherwise send(buf, offset, length, path, callback).
   * @type {(buf: any, offset?: any, length?: any, path?: any, callback?: any) => void}
   */
  send(buf, offset, length, path, callback) {
    const state = this.#state;
    const queue = this.#queue;
    const toPeer = this.connected === true;
    const view = toPeer && typeof buf === 'string' ? Buffer.from(buf) : validate.view(buf);
    const { byteLength } = view;
    const start = toPeer ? 0 : validate.integer(offset >>> 0, 'offset', 0, byteLength);
    const size = toPeer ? byteLength : validate.integer(length >>> 0, 'length', 0, byteLength - start);

    let errno = EBADF;
    if (this.fd >= 0) {
      const to = toPeer ? queue && queue.peer : nameOf(path);
      if (queue !== undefined) queue.sending(to);
      // unix-dgram sends to a file of the name "undefined" if the path is missing.
      if (!toPeer && (to === undefined || to === null)) errno = ENOENT;
      else
        errno = transmit(
          state,
          view,
          start,
          size,
          to,
          queue === undefined ? SendMode.TRY_ONLY : SendMode.SEND_OR_QUEUE,
        );
      if (errno === 0 && queue !== undefined) queue.accepted(to);
    }
    const onResult = toPeer || (this.fd < 0 && typeof offset === 'function') ? offset : callback;
    if (errno === 0) {
      if (typeof onResult === 'function') onResult();
      return;
    }

    const congested = toPeer && isFull(errno);
    // The binary reports when there is room, and 'writable' follows.
    if (congested) expectDrain(state, destinationId(state, queue && queue.peer, 'send'));
    const error = () =>
      congested ? congestionError() : this.fd < 0 ? closedError('send') : systemError(errno, 'send');
    if (diagnostics.observesDrops()) diagnostics.messageDropped(state, error());
    if (typeof onResult === 'function') onResult(error());
    else if (congested) this.emit('congestion', buf);
    else this.emit('error', error());
  }

  /** @param {any} buf @param {any} offset @param {any} length @param {any} path @param {any} [callback] */
  sendto(buf, offset, length, path, callback) {
    this.send(buf, offset, length, path, callback);
  }

  close() {
    if (this.fd < 0) return;
    this.fd = -1;
    if (this.#queue !== undefined && this.#state.queuedBytes() > 0) this.#queue.close();
    else this.#socket.close();
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

/**
 * @param {any} type a string, or an object with it and the option `queue`
 * @param {((...args: any[]) => void) | undefined} listener
 * @param {boolean} queued whether there is a queue if neither the option nor the environment says so
 * @returns {any}
 */
function createSocket(type, listener, queued) {
  const options = typeof type === 'object' && type !== null ? type : { type };
  if (options.type === 'udp4' || options.type === 'udp6') return dgram.createSocket(type, listener);
  if (options.type !== 'unix_dgram') throw new Error(`Unsupported socket type: ${options.type}`);
  return new Socket(options.type, listener, queueBytes(options.queue, queued));
}

module.exports = { createSocket };
