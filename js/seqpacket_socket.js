'use strict';

const { closeSocket, destroy } = require('./close');
const { connect, end } = require('./connection');
const { LINUX, MAX_INT } = require('./constants');
const { toDuplex } = require('./duplex');
const { checkPlatform } = require('./environment');
const { unavailable } = require('./errors');
const { iterate, messages } = require('./iterate');
const { Opening } = require('./open');
const { write, writeMessage, writeParts } = require('./send');
const { SocketBase } = require('./socket_base');
const { onSocketEvent } = require('./socket_events');
const { checkOpen, stateOf } = require('./state');
const validate = require('./validate');

const SEQPACKET = {
  className: 'SeqpacketSocket',
  dgram: false,
  resourceName: 'SEQPACKETSOCKET',
  closedMessage: 'SeqpacketSocket has been destroyed',
  onEvent: onSocketEvent,
  close: closeSocket,
};
/** Milliseconds. */
const DEFAULT_CONNECT_TIMEOUT = 10000;

/** A SOCK_SEQPACKET connection. */
class SeqpacketSocket extends SocketBase {
  /** @param {any} [options] or a descriptor; within the library its opening */
  constructor(options) {
    if (options instanceof Opening) super(options);
    else super(openingOf(options));
  }

  /** @param {any} target @param {any} [cb] */
  connect(target, cb) {
    const state = stateOf(this, SEQPACKET);
    checkOpen(state);
    const fn = validate.callback(cb);
    if (typeof target !== 'object' || target === null || ArrayBuffer.isView(target)) {
      connect(state, validate.path(target), DEFAULT_CONNECT_TIMEOUT, fn, undefined);
      return;
    }
    const { path, timeout, signal } = target;
    const name = validate.path(path, 'options.path');
    const given = timeout === undefined ? DEFAULT_CONNECT_TIMEOUT : timeout;
    const ms = validate.integer(given, 'options.timeout', 0, MAX_INT);
    checkOpen(state); // A getter may have closed the socket.
    connect(state, name, ms, fn, validate.signal(signal, 'options.signal'));
  }

  /**
   * write(buf, offset, length, cb), as in 0.2.7; write(msg, cb); write(msg, options, cb).
   * @type {(msg: any, offset?: any, length?: any, cb?: any) => boolean}
   */
  write(msg, offset, length, cb) {
    const state = stateOf(this, SEQPACKET);
    checkOpen(state);
    if (typeof offset === 'function') return writeWithOptions(state, msg, undefined, offset);
    if (typeof offset === 'object' && offset !== null) return writeWithOptions(state, msg, offset, length);
    if (!ArrayBuffer.isView(msg)) {
      validate.sliceOfView(msg, offset, length);
      return writeWithOptions(state, msg, undefined, cb);
    }
    const { byteLength } = msg;
    const from = offset === undefined || offset === null ? 0 : validate.integer(offset, 'offset', 0, byteLength);
    const rest = byteLength - from;
    const count = length === undefined || length === null ? rest : validate.integer(length, 'length', 0, rest);
    const fn = validate.callback(cb);
    checkOpen(state); // A getter may have closed the socket.
    return write(state, msg, from, count, fn, 0);
  }

  /** @param {any} [msg] @param {any} [cb] */
  end(msg, cb) {
    const state = stateOf(this, SEQPACKET);
    if (typeof msg === 'function' || msg === undefined || msg === null) {
      const fn = validate.callback(typeof msg === 'function' ? msg : cb);
      if (!state.closed) end(state, fn);
      return;
    }
    const fn = validate.callback(cb);
    const data = validate.message(msg);
    if (state.closed) return;
    writeParts(state, data, [], undefined, 0);
    end(state, fn);
  }

  getInternalReadBufferSize() {
    return stateOf(this, SEQPACKET).readSize();
  }

  /** @param {number} size */
  setInternalReadBufferSize(size) {
    checkOpen(stateOf(this, SEQPACKET));
    stateOf(this, SEQPACKET).setReadSize(validate.readSize(size));
  }

  peerCredentials() {
    const [pid, uid, gid] = stateOf(this, SEQPACKET).peerCredentials();
    return { pid, uid, gid };
  }

  /** @param {any} [err] */
  destroy(err) {
    destroy(stateOf(this, SEQPACKET), err);
    return this;
  }

  close() {
    closeSocket(stateOf(this, SEQPACKET));
  }

  _state() {
    const { closed, writeShut, ending } = stateOf(this, SEQPACKET);
    if (closed) return 5;
    if (writeShut) return 3;
    return ending ? 2 : 1;
  }

  get connecting() {
    return stateOf(this, SEQPACKET).connecting;
  }

  get destroyed() {
    return stateOf(this, SEQPACKET).closed;
  }

  toDuplex() {
    checkOpen(stateOf(this, SEQPACKET));
    return toDuplex(this, stateOf(this, SEQPACKET).ended);
  }

  /** @returns {AsyncIterableIterator<any>} */
  [Symbol.asyncIterator]() {
    return iterate(this, stateOf(this, SEQPACKET), messages);
  }
}

/** @param {any} options @returns {Opening} */
function openingOf(options) {
  const given = typeof options === 'number' ? { fd: options } : options;
  if (given !== undefined && given !== null) validate.object(given, 'options');
  const checked = validate.socketOptions(given);
  checkPlatform();
  if (!LINUX) throw unavailable('SOCK_SEQPACKET');
  return new Opening(SEQPACKET, checked);
}

/** @param {any} state @param {any} msg @param {any} options @param {any} cb @returns {boolean} */
function writeWithOptions(state, msg, options, cb) {
  const fn = validate.callback(cb);
  const fds = validate.sendOptions(options);
  const data = validate.message(msg);
  checkOpen(state); // A getter may have closed the socket.
  return writeMessage(state, data, fds, fn, 0);
}

module.exports = { SEQPACKET, SeqpacketSocket };
