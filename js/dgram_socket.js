'use strict';

const { closeSocket, closeWith } = require('./close');
const { LINUX } = require('./constants');
const { destinationId } = require('./destinations');
const diagnostics = require('./diagnostics');
const { unavailable } = require('./errors');
const { datagrams, iterate } = require('./iterate');
const { Opening } = require('./open');
const { write, writeMessage } = require('./send');
const { SocketBase } = require('./socket_base');
const { onSocketEvent } = require('./socket_events');
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
};

/** A SOCK_DGRAM socket. */
class DgramSocket extends SocketBase {
  /**
   * @param {import('../index').SocketOptions} [options] anything but an object is ignored, as 0.2.7 did; within the
   * library its opening
   */
  constructor(options) {
    if (options instanceof Opening) super(options);
    else super(new Opening(DGRAM, validate.socketOptions(typeof options === 'object' ? options : undefined)));
  }

  /** @param {any} [path] @param {any} [options] */
  bind(path, options) {
    const state = stateOf(this, DGRAM);
    checkOpen(state);
    const checked = validate.bindOptions(options);
    if (path === undefined && !LINUX) throw unavailable('autobind');
    const unusable = state.bind(path === undefined ? undefined : validate.path(path), checked);
    if (!unusable) return;
    // A socket has one name for life, and the file of this name is lost.
    closeSocket(state);
    throw unusable;
  }

  /** @type {(buf: any, offset: number, length: number, destPath: any, cb?: any) => boolean} */
  sendTo(buf, offset, length, destPath, cb) {
    const state = stateOf(this, DGRAM);
    checkOpen(state);
    const { byteLength } = validate.view(buf);
    validate.integer(offset, 'offset', 0, byteLength);
    validate.integer(length, 'length', 0, byteLength - offset);
    const fn = validate.callback(cb);
    if (destPath === undefined || destPath === null) validate.path(destPath, 'destPath');
    checkOpen(state); // A getter may have closed the socket.
    return write(state, buf, offset, length, fn, destinationId(state, destPath));
  }

  /** @type {(msg: any, destPath?: any, options?: any, cb?: any) => boolean} */
  send(msg, destPath, options, cb) {
    const state = stateOf(this, DGRAM);
    checkOpen(state);
    if (typeof destPath === 'function') return this.send(msg, undefined, undefined, destPath);
    if (typeof options === 'function') return this.send(msg, destPath, undefined, options);
    const fn = validate.callback(cb);
    const fds = validate.sendOptions(options);
    const data = validate.message(msg);
    checkOpen(state); // A getter may have closed the socket.
    return writeMessage(state, data, fds, fn, destinationId(state, destPath));
  }

  /** @param {any} path */
  connect(path) {
    const state = stateOf(this, DGRAM);
    checkOpen(state);
    const name = validate.path(path);
    state.connectDatagram(name);
    diagnostics.connected(state, name);
    nextTick(() => {
      if (!state.closed) this.emit('connect');
    });
  }

  disconnect() {
    stateOf(this, DGRAM).disconnect();
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
