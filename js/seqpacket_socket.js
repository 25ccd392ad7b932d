'use strict';
// SeqpacketSocket: a SOCK_SEQPACKET connection. SeqpacketServer is in seqpacket_server.js.

const { ConnectionCore } = require('./connection');
const { toDuplex } = require('./duplex');
const environment = require('./environment');
const { unavailable } = require('./errors');
const { iterateMessages } = require('./iterate');
const { SocketBase, coreOf, makeDisposable } = require('./socket_base');
const validate = require('./validate');

const DEFAULT_TIMEOUT = 10000;

class SeqpacketSocket extends SocketBase {
  /** @type {ConnectionCore} */
  #core;

  /** @param {any} [options] */
  constructor(options) {
    const given = typeof options === 'number' ? { fd: options } : options;
    if (given !== undefined && given !== null) validate.object(given, 'options');
    const checked = validate.socketOptions(given);
    environment.check();
    if (!validate.LINUX) throw unavailable('SOCK_SEQPACKET');
    super((emitter) => new ConnectionCore(emitter, checked));
    this.#core = coreOf(this);
    environment.diagnostics().created(this.#core);
  }

  /** @param {any} target @param {any} [cb] */
  connect(target, cb) {
    this.#core.check();
    const fn = validate.callback(cb);
    if (typeof target !== 'object' || target === null || ArrayBuffer.isView(target)) {
      this.#core.connect(validate.path(target), DEFAULT_TIMEOUT, fn, undefined);
      return;
    }
    const { path, timeout, signal } = target;
    const name = validate.path(path, 'options.path');
    const ms =
      timeout === undefined ? DEFAULT_TIMEOUT : validate.integer(timeout, 'options.timeout', 0, validate.MAX_INT);
    this.#core.check();
    this.#core.connect(name, ms, fn, validate.signal(signal, 'options.signal'));
  }

  /**
   * write(buf, offset, length, cb), as 0.2.7; write(msg, cb); write(msg, options, cb).
   * @param {any} msg
   * @param {any} [offset]
   * @param {any} [length]
   * @param {any} [cb]
   * @returns {boolean}
   */
  write(msg, offset, length, cb) {
    const core = this.#core;
    core.check();
    if (typeof offset === 'function') return writeMessage(core, msg, undefined, offset);
    if (typeof offset === 'object' && offset !== null) return writeMessage(core, msg, offset, length);
    if (!ArrayBuffer.isView(msg)) {
      validate.sliceOfView(msg, offset, length);
      return writeMessage(core, msg, undefined, cb);
    }
    const { byteLength } = msg;
    const from = offset === undefined || offset === null ? 0 : validate.integer(offset, 'offset', 0, byteLength);
    const rest = byteLength - from;
    const count = length === undefined || length === null ? rest : validate.integer(length, 'length', 0, rest);
    const fn = validate.callback(cb);
    core.check();
    return core.write(msg, from, count, fn);
  }

  /** @param {any} [msg] @param {any} [cb] */
  end(msg, cb) {
    const core = this.#core;
    if (typeof msg === 'function' || msg === undefined || msg === null) {
      const fn = validate.callback(typeof msg === 'function' ? msg : cb);
      if (!core.closed) core.end(fn);
      return;
    }
    const fn = validate.callback(cb);
    const data = validate.message(msg);
    if (core.closed) return;
    core.writeParts([].concat(/** @type {any} */ (data)), [], undefined);
    core.end(fn);
  }

  getInternalReadBufferSize() {
    return this.#core.native.readSize(this.#core.open());
  }

  /** @param {number} size */
  setInternalReadBufferSize(size) {
    this.#core.native.setReadSize(this.#core.open(), validate.readSize(size));
  }

  peerCredentials() {
    const [pid, uid, gid] = this.#core.native.peerCredentials(this.#core.open());
    return { pid, uid, gid };
  }

  /** @param {any} [err] */
  destroy(err) {
    this.#core.destroy(err);
    return this;
  }

  close() {
    this.#core.destroy();
  }

  _state() {
    const { closed, writeShut, ending } = this.#core;
    if (closed) return 5;
    if (writeShut) return 3;
    return ending ? 2 : 1;
  }

  get connecting() {
    return this.#core.connecting;
  }

  get destroyed() {
    return this.#core.closed;
  }

  toDuplex() {
    this.#core.check();
    return toDuplex(this, this.#core.ended);
  }

  /** @returns {AsyncIterableIterator<any>} */
  [Symbol.asyncIterator]() {
    return iterateMessages(this, this.#core);
  }
}

/** @param {any} core @param {any} msg @param {any} options @param {any} cb @returns {boolean} */
function writeMessage(core, msg, options, cb) {
  const fn = validate.callback(cb);
  const fds = validate.sendOptions(options);
  const data = validate.message(msg);
  // A getter may have closed the socket.
  core.check();
  if (Array.isArray(data) || fds.length > 0) return core.writeParts([].concat(/** @type {any} */ (data)), fds, fn);
  return core.write(data, 0, data.byteLength, fn);
}

makeDisposable(SeqpacketSocket);

module.exports = { SeqpacketSocket };
