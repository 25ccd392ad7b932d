'use strict';
// The public members that SeqpacketSocket and DgramSocket have in common. Nothing internal is on the emitter.

const { AsyncResource } = require('async_hooks');
const { EventEmitter } = require('events');
const environment = require('./environment');
const { nameOf } = require('./events');
const validate = require('./validate');

/** What sockets and servers have in common: an emitter with a core, which the binary calls. */
class CoreEmitter extends EventEmitter {
  /** @type {any} */
  #core;

  /** @param {(emitter: any) => any} makeCore */
  constructor(makeCore) {
    super();
    this.#core = makeCore(this);
  }

  /** @param {CoreEmitter} emitter @returns {any} */
  static coreOf(emitter) {
    return emitter.#core;
  }
}

/** For the library alone: users cannot reach a core. */
const { coreOf } = CoreEmitter;
Reflect.deleteProperty(CoreEmitter, 'coreOf');

class SocketBase extends CoreEmitter {
  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  on(type, listener) {
    super.on(type, listener);
    coreOf(this).listenerAdded(type);
    return this;
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  addListener(type, listener) {
    return this.on(type, listener);
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  prependListener(type, listener) {
    super.prependListener(type, listener);
    coreOf(this).listenerAdded(type);
    return this;
  }

  address() {
    return nameOf(coreOf(this).native.address(coreOf(this).open()));
  }

  remoteAddress() {
    return nameOf(coreOf(this).native.remoteAddress(coreOf(this).open()));
  }

  getRecvBufferSize() {
    return coreOf(this).native.getBufferSize(coreOf(this).open(), false);
  }

  /** @param {number} size */
  setRecvBufferSize(size) {
    coreOf(this).native.setBufferSize(coreOf(this).open(), false, validate.integer(size, 'size', 1, validate.MAX_INT));
  }

  getSendBufferSize() {
    return coreOf(this).native.getBufferSize(coreOf(this).open(), true);
  }

  /** @param {number} size */
  setSendBufferSize(size) {
    coreOf(this).native.setBufferSize(coreOf(this).open(), true, validate.integer(size, 'size', 1, validate.MAX_INT));
  }

  cork() {
    coreOf(this).check();
    coreOf(this).cork();
  }

  uncork() {
    coreOf(this).check();
    coreOf(this).uncork();
  }

  pause() {
    coreOf(this).pause();
    return this;
  }

  resume() {
    coreOf(this).resume();
    return this;
  }

  isPaused() {
    return coreOf(this).paused;
  }

  ref() {
    if (!coreOf(this).closed) coreOf(this).native.setReferenced(coreOf(this).id, true);
    return this;
  }

  unref() {
    if (!coreOf(this).closed) coreOf(this).native.setReferenced(coreOf(this).id, false);
    return this;
  }

  get fd() {
    return coreOf(this).native.fd(coreOf(this).id);
  }

  get closed() {
    return coreOf(this).closed;
  }

  get writableLength() {
    return coreOf(this).writableLength;
  }

  get writableHighWaterMark() {
    return coreOf(this).highWaterMark;
  }

  get writableNeedDrain() {
    return coreOf(this).needDrain && !coreOf(this).closed;
  }

  get bytesRead() {
    return coreOf(this).native.counters(coreOf(this).id)[0];
  }

  get bytesWritten() {
    return coreOf(this).native.counters(coreOf(this).id)[1];
  }

  get droppedMessages() {
    return coreOf(this).native.counters(coreOf(this).id)[2];
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

/** `await using`, where the runtime has it. @param {any} Class */
function makeDisposable(Class) {
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
    // A prototype has no core.
    return this instanceof Class ? environment.diagnostics().show(coreOf(this), depth, options) : Class.name;
  }
  const symbol = Symbol.for('nodejs.util.inspect.custom');
  Object.defineProperty(Class.prototype, symbol, { value, writable: true, configurable: true });
}

makeInspectable(CoreEmitter);

module.exports = { CoreEmitter, SocketBase, closeWith, coreOf, makeDisposable };
