'use strict';
// The public members that SeqpacketSocket and DgramSocket have in common. Nothing internal is on the emitter.

const { AsyncResource } = require('async_hooks');
const { EventEmitter } = require('events');
const environment = require('./environment');
const { nameOf } = require('./events');
const validate = require('./validate');

/** The cores of sockets and servers: users cannot reach them. @type {WeakMap<object, any>} */
const cores = new WeakMap();

class SocketBase extends EventEmitter {
  /** @type {import('./core').Core} */
  #core;

  /** @param {(emitter: any) => import('./core').Core} makeCore */
  constructor(makeCore) {
    super();
    this.#core = makeCore(this);
    cores.set(this, this.#core);
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  on(type, listener) {
    super.on(type, listener);
    this.#core.listenerAdded(type);
    return this;
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  addListener(type, listener) {
    return this.on(type, listener);
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  prependListener(type, listener) {
    super.prependListener(type, listener);
    this.#core.listenerAdded(type);
    return this;
  }

  address() {
    return nameOf(this.#core.open().address());
  }

  remoteAddress() {
    return nameOf(this.#core.open().remoteAddress());
  }

  getRecvBufferSize() {
    return this.#core.open().getBufferSize(false);
  }

  /** @param {number} size */
  setRecvBufferSize(size) {
    this.#core.open().setBufferSize(false, validate.integer(size, 'size', 1, validate.MAX_INT));
  }

  getSendBufferSize() {
    return this.#core.open().getBufferSize(true);
  }

  /** @param {number} size */
  setSendBufferSize(size) {
    this.#core.open().setBufferSize(true, validate.integer(size, 'size', 1, validate.MAX_INT));
  }

  cork() {
    this.#core.open();
    this.#core.cork();
  }

  uncork() {
    this.#core.open();
    this.#core.uncork();
  }

  pause() {
    this.#core.pause();
    return this;
  }

  resume() {
    this.#core.resume();
    return this;
  }

  isPaused() {
    return this.#core.paused;
  }

  ref() {
    if (!this.#core.closed) this.#core.handle.setReferenced(true);
    return this;
  }

  unref() {
    if (!this.#core.closed) this.#core.handle.setReferenced(false);
    return this;
  }

  get fd() {
    return this.#core.handle.fd;
  }

  get closed() {
    return this.#core.closed;
  }

  get writableLength() {
    return this.#core.writableLength;
  }

  get writableHighWaterMark() {
    return this.#core.highWaterMark;
  }

  get writableNeedDrain() {
    return this.#core.needDrain && !this.#core.closed;
  }

  get bytesRead() {
    return this.#core.handle.counters[0];
  }

  get bytesWritten() {
    return this.#core.handle.counters[1];
  }

  get droppedMessages() {
    return this.#core.handle.counters[2];
  }
}

/**
 * Closes; `cb` runs once 'close' was emitted, also where that was before.
 * @param {any} emitter
 * @param {{ closeEmitted: boolean, close(): void }} core
 * @param {unknown} [cb]
 */
function closeWith(emitter, core, cb) {
  const fn = validate.callback(cb);
  if (fn !== undefined) {
    if (core.closeEmitted) process.nextTick(fn);
    else {
      const resource = new AsyncResource('UNIXSOCKETCLOSE');
      EventEmitter.prototype.once.call(emitter, 'close', () => resource.runInAsyncScope(fn, emitter));
    }
  }
  core.close();
}

/** `await using`, where the runtime has it. @param {any} Class @param {(emitter: any) => any} [coreOf] */
function makeDisposable(Class, coreOf = (emitter) => cores.get(emitter)) {
  const symbol = /** @type {any} */ (Symbol).asyncDispose;
  if (symbol === undefined) return;
  /** @this {any} */
  function value() {
    return new Promise((resolve) => {
      closeWith(this, coreOf(this), resolve);
    });
  }
  Object.defineProperty(Class.prototype, symbol, { value, writable: true, configurable: true });
}

/** util.inspect shows state, not internals. @param {any} Class */
function makeInspectable(Class) {
  /** @this {any} @param {number} depth @param {any} options */
  function value(depth, options) {
    const core = cores.get(this);
    return core === undefined ? Class.name : environment.diagnostics().show(core, depth, options);
  }
  const symbol = Symbol.for('nodejs.util.inspect.custom');
  Object.defineProperty(Class.prototype, symbol, { value, writable: true, configurable: true });
}

makeInspectable(SocketBase);

module.exports = { SocketBase, closeWith, cores, makeDisposable, makeInspectable };
