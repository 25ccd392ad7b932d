'use strict';

const { closeSocket, closeWith } = require('./close');
const { flushStage } = require('./cork');
const { LINUX } = require('./constants');
const { changePeer, destinationId, peerDestination } = require('./destinations');
const diagnostics = require('./diagnostics');
const { unavailable } = require('./errors');
const { datagrams, iterate } = require('./iterate');
const { Opening } = require('./open');
const { bindOptions, sendOptions, socketOptions } = require('./options');
const { discardMessages, write, writeMessage } = require('./send');
const { lengthTo } = require('./send_results');
const { SocketBase } = require('./socket_base');
const { onSocketEvent, onTurnEnd } = require('./socket_events');
const { checkOpen, stateOf } = require('./state');
const { nextTick } = require('./timers');
const validate = require('./validate');

const DGRAM = {
  className: 'DgramSocket',
  dgram: true,
  resourceName: 'UNIXDGRAMSOCKET',
  closedMessage: 'DgramSocket has been closed',
  onEvent: onSocketEvent,
  close: closeSocket,
  onTurnEnd,
};

/** A SOCK_DGRAM socket. */
class DgramSocket extends SocketBase {
  /**
   * @param {import('../index').SocketOptions} [options] anything but an object is ignored, as 0.2.7 did; within the
   * library its opening
   */
  constructor(options) {
    if (options instanceof Opening) super(options);
    else super(new Opening(DGRAM, socketOptions(validate.isOptions(options) ? options : undefined, 'new DgramSocket')));
  }

  /** @param {any} [path] @param {any} [options] */
  bind(path, options) {
    const state = stateOf(this, DGRAM);
    checkOpen(state);
    const name = path === undefined ? undefined : validate.path(path, 'path', 'bind');
    const checked = bindOptions(options);
    checkOpen(state); // A getter may have closed the socket.
    if (name === undefined && !LINUX) throw unavailable('autobind');
    const unusable = state.bind(name, checked);
    if (!unusable) return;
    // A socket has one name for life, and the file of this name is lost.
    closeSocket(state);
    throw unusable;
  }

  /** @type {(buf: any, offset: number, length: number, destPath: any, cb?: any) => boolean} */
  sendTo(buf, offset, length, destPath, cb) {
    const state = stateOf(this, DGRAM);
    checkOpen(state);
    const { byteLength } = validate.view(buf, 'buf', 'sendTo');
    validate.integer(offset, 'offset', 0, byteLength, 'sendTo');
    validate.integer(length, 'length', 0, byteLength - offset, 'sendTo');
    const fn = validate.callback(cb, 'sendTo');
    if (destPath === undefined || destPath === null) validate.path(destPath, 'destPath', 'sendTo');
    checkOpen(state); // A getter may have closed the socket.
    return write(state, buf, offset, length, fn, destinationId(state, destPath, 'sendTo'));
  }

  /** @type {(msg: any, destPath?: any, options?: any, cb?: any) => boolean} */
  send(msg, destPath, options, cb) {
    const state = stateOf(this, DGRAM);
    checkOpen(state);
    if (typeof destPath === 'function') {
      validate.callbackIsLast('send', options, cb);
      return this.send(msg, undefined, undefined, destPath);
    }
    if (typeof options === 'function') {
      validate.callbackIsLast('send', cb);
      return this.send(msg, destPath, undefined, options);
    }
    const fn = validate.callback(cb, 'send');
    const fds = sendOptions(options, 'send');
    const data = validate.message(msg, 'send');
    checkOpen(state); // A getter may have closed the socket.
    return writeMessage(state, data, fds, fn, destinationId(state, destPath, 'send'));
  }

  /** @param {any} path */
  connect(path) {
    const state = stateOf(this, DGRAM);
    checkOpen(state);
    const name = validate.path(path, 'path', 'connect');
    flushStage(state, true);
    const previous = peerDestination(state);
    state.connectDatagram(name, previous);
    changePeer(state, previous, destinationId(state, name, 'connect'));
    diagnostics.connected(state, name);
    nextTick(() => {
      if (!state.closed) this.emit('connect');
    });
  }

  disconnect() {
    const state = stateOf(this, DGRAM);
    checkOpen(state);
    flushStage(state, true);
    const previous = peerDestination(state);
    state.disconnect(previous);
    changePeer(state, previous, 0);
  }

  /** @param {any} destPath @returns {number} */
  writableLengthTo(destPath) {
    const state = stateOf(this, DGRAM);
    const bytes = validate.path(destPath, 'destPath', 'writableLengthTo');
    if (state.closed) return 0;
    const id = destinationId(state, bytes, 'writableLengthTo');
    return lengthTo(state, id) + (id === state.peerId ? lengthTo(state, 0) : 0);
  }

  /** @param {any} destPath @returns {number} */
  discard(destPath) {
    const state = stateOf(this, DGRAM);
    const bytes = validate.path(destPath, 'destPath', 'discard');
    if (state.closed) return 0;
    const id = destinationId(state, bytes, 'discard');
    return discardMessages(state, id) + (id === state.peerId ? discardMessages(state, 0) : 0);
  }

  /** @param {any} [cb] */
  close(cb) {
    closeWith(this, stateOf(this, DGRAM), cb);
  }

  /** @returns {AsyncIterableIterator<any>} */
  [Symbol.asyncIterator]() {
    return iterate(this, stateOf(this, DGRAM), datagrams);
  }
}

module.exports = { DGRAM, DgramSocket };
