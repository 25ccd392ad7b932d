'use strict';

const { closeSocket, destroy } = require('./close');
const { connect, end, endWith } = require('./connection');
const { LINUX } = require('./constants');
const { toDuplex } = require('./duplex');
const { checkPlatform } = require('./environment');
const { unavailable } = require('./errors');
const { iterate, messages } = require('./iterate');
const { Opening } = require('./open');
const { connectOptions, sendOptions, socketOptions } = require('./options');
const { write, writeMessage } = require('./send');
const { SocketBase } = require('./socket_base');
const { onSocketEvent, onTurnEnd } = require('./socket_events');
const { checkOpen, stateOf } = require('./state');
const validate = require('./validate');

const SEQPACKET = {
  className: 'SeqpacketSocket',
  dgram: false,
  resourceName: 'SEQPACKETSOCKET',
  closedMessage: 'SeqpacketSocket has been destroyed',
  onEvent: onSocketEvent,
  close: closeSocket,
  onTurnEnd,
};

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
    const fn = validate.callback(cb, 'connect');
    const { path, timeout, signal } = connectOptions(target);
    checkOpen(state); // A getter may have closed the socket.
    connect(state, path, timeout, fn, signal);
  }

  /**
   * write(buf, offset, length, cb), as in 0.2.7; write(msg, cb); write(msg, options, cb).
   * @type {(msg: any, offset?: any, length?: any, cb?: any) => boolean}
   */
  write(msg, offset, length, cb) {
    const state = stateOf(this, SEQPACKET);
    checkOpen(state);
    if (typeof offset === 'function') {
      validate.callbackIsLast('write', length, cb);
      return writeWithOptions(state, msg, undefined, offset);
    }
    if (typeof offset === 'object' && offset !== null) return writeWithOptions(state, msg, offset, length);
    if (!ArrayBuffer.isView(msg)) {
      validate.sliceOfView(msg, offset, length, 'write');
      return writeWithOptions(state, msg, undefined, cb);
    }
    const { byteLength } = msg;
    const from =
      offset === undefined || offset === null ? 0 : validate.integer(offset, 'offset', 0, byteLength, 'write');
    const rest = byteLength - from;
    const count = length === undefined || length === null ? rest : validate.integer(length, 'length', 0, rest, 'write');
    const fn = validate.callback(cb, 'write');
    checkOpen(state); // A getter may have closed the socket.
    return write(state, msg, from, count, fn, 0);
  }

  /** @param {any} [msg] @param {any} [cb] */
  end(msg, cb) {
    const state = stateOf(this, SEQPACKET);
    if (typeof msg === 'function' || msg === undefined || msg === null) {
      if (typeof msg === 'function') validate.callbackIsLast('end', cb);
      end(state, validate.callback(typeof msg === 'function' ? msg : cb, 'end'));
      return;
    }
    const fn = validate.callback(cb, 'end');
    endWith(state, validate.message(msg, 'end'), fn);
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

  /** @param {any} [options] */
  toDuplex(options) {
    const { bytes } = validate.object(validate.either(options, {}), 'options');
    const asBytes = validate.boolean(validate.either(bytes, false), 'options.bytes');
    const state = stateOf(this, SEQPACKET);
    checkOpen(state);
    return toDuplex(this, state, asBytes);
  }

  /** @returns {AsyncIterableIterator<any>} */
  [Symbol.asyncIterator]() {
    return iterate(this, stateOf(this, SEQPACKET), messages);
  }
}

/** @param {any} options @returns {Opening} */
function openingOf(options) {
  const given = typeof options === 'number' ? { fd: options } : options;
  const checked = socketOptions(given, 'new SeqpacketSocket');
  checkPlatform();
  if (!LINUX) throw unavailable('SOCK_SEQPACKET');
  return new Opening(SEQPACKET, checked);
}

/** @param {any} state @param {any} msg @param {any} options @param {any} cb @returns {boolean} */
function writeWithOptions(state, msg, options, cb) {
  const fn = validate.callback(cb, 'write');
  const fds = sendOptions(options, 'write');
  const data = validate.message(msg, 'write');
  checkOpen(state); // A getter may have closed the socket.
  return writeMessage(state, data, fds, fn, 0);
}

module.exports = { SEQPACKET, SeqpacketSocket };
