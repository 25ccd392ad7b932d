'use strict';
// The ways to close a socket or server with a callback or a promise.

const { AsyncResource } = require('async_hooks');
const { EventEmitter } = require('events');
const { stateOf } = require('./state');
const { callback } = require('./validate');

/**
 * Closes a socket or server. `cb` runs after 'close', even if that was emitted before.
 * @param {any} emitter
 * @param {unknown} [cb]
 */
function closeWith(emitter, cb) {
  const state = stateOf(emitter);
  const fn = callback(cb);
  if (fn !== undefined) {
    if (state.closeEmitted) process.nextTick(fn);
    else {
      const resource = new AsyncResource('UNIXSOCKETCLOSE');
      EventEmitter.prototype.once.call(emitter, 'close', () => resource.runInAsyncScope(fn, emitter));
    }
  }
  state.kind.close(state);
}

/** Adds Symbol.asyncDispose, for `await using`, if the runtime has it. @param {any} Class */
function makeDisposable(Class) {
  const symbol = /** @type {any} */ (Symbol).asyncDispose;
  if (symbol === undefined) return;
  /** @this {any} */
  function value() {
    return new Promise((resolve) => {
      closeWith(this, resolve);
    });
  }
  Object.defineProperty(Class.prototype, symbol, { value, writable: true, configurable: true });
}

module.exports = { closeWith, makeDisposable };
