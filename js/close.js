'use strict';
// How sockets and servers end: close, destroy, and the last events.

const { AsyncResource } = require('async_hooks');
const { EventEmitter } = require('events');
const { dropStage } = require('./cork');
const diagnostics = require('./diagnostics');
const { emitError } = require('./emit_error');
const { socketClosed } = require('./errors');
const { failPendingCallbacks, scheduleCallback } = require('./send_callbacks');
const { writableLength } = require('./send_results');
const { stateOf } = require('./state');
const { clearTimeout, nextTick, setImmediate } = require('./timers');
const { callback } = require('./validate');

/**
 * Closes a socket at once. All callbacks that wait get an error: those of connect() and end() get `err` if there is one.
 * 'close' comes later.
 * @param {any} state
 * @param {any} [err]
 */
function closeSocket(state, err) {
  if (state.closed) return;
  const dropsMessages = diagnostics.observesDrops() && writableLength(state) > 0;
  state.reading = false;
  state.closeError = err || state.sendError;
  closeHandle(state);
  failPendingCallbacks(state);
  dropStage(state);
  if (state.connectCallback !== undefined) runConnectCallback(state, closeReason(state));
  if (state.endCallbacks !== undefined) runEndCallbacks(state, closeReason(state));
  state.connecting = false;
  clearTimeout(state.connectTimer);
  // User code runs last, because it may throw.
  if (dropsMessages) diagnostics.messageDropped(state, state.broken || socketClosed(state.kind.closedMessage));
  if (state.removeAbortListener !== undefined) state.removeAbortListener();
}

/** @param {any} state of a closed socket @returns {any} the error of callbacks that are too late */
function closeReason(state) {
  return state.closeError || socketClosed(state.kind.closedMessage);
}

/** @param {any} state */
function closeServer(state) {
  if (state.closed) return;
  closeHandle(state);
  if (state.removeAbortListener !== undefined) state.removeAbortListener();
}

/** @param {any} state */
function closeHandle(state) {
  state.closed = true;
  const closeEventFollows = state.close();
  if (!closeEventFollows) setImmediate(() => state.resource.runInAsyncScope(emitClose, undefined, state));
}

/** Runs the callback of connect(). @param {any} state @param {Error | null} err */
function runConnectCallback(state, err) {
  const { cb, resource } = state.connectCallback;
  state.connectCallback = undefined;
  resource.runInAsyncScope(scheduleCallback, undefined, state, cb, err);
}

/** Runs the callbacks of end(). @param {any} state @param {Error | null} err */
function runEndCallbacks(state, err) {
  const callbacks = state.endCallbacks || [];
  state.endCallbacks = undefined;
  for (const { cb, resource } of callbacks) resource.runInAsyncScope(scheduleCallback, undefined, state, cb, err);
}

/** Closes at once. @param {any} state @param {any} [err] emitted as 'error', before 'close' */
function destroy(state, err) {
  if (state.closed) return;
  state.kind.close(state, err);
  if (err === undefined || err === null) return;
  state.lastError = err;
  nextTick(emitLastError, state);
}

/** Closes at once, because of an error that the callback of connect() gets; if there is none, 'error' is emitted. @param {any} state @param {Error} err */
function fail(state, err) {
  if (state.connectCallback === undefined) destroy(state, err);
  else state.kind.close(state, err);
}

/** @param {any} state */
function emitLastError(state) {
  const err = state.lastError;
  state.lastError = undefined;
  if (err !== undefined) emitError(state, err);
}

/** @param {any} state */
function emitClose(state) {
  // The binary has closed the socket before the failure was reported.
  if (!state.closed && !state.brokenEmitted && state.broken !== undefined) state.lastError = state.broken;
  state.kind.close(state);
  if (state.closeEmitted) return;
  state.closeEmitted = true;
  state.resource.emitDestroy();
  diagnostics.closed(state);
  if (state.server !== undefined) state.server.connections--;
  if (state.lastError === undefined) {
    state.emitter.emit('close');
  } else {
    // On a tick of its own, so that it is emitted even if a listener of 'error' throws.
    nextTick(() => state.emitter.emit('close'));
    emitLastError(state);
  }
}

/**
 * Closes a socket or server. `cb` runs after 'close', even if that was emitted before.
 * @type {(emitter: any, state: any, cb: unknown) => void}
 */
function closeWith(emitter, state, cb) {
  const fn = callback(cb, 'close');
  if (fn !== undefined) {
    if (state.closeEmitted) nextTick(fn);
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
      closeWith(this, stateOf(this), resolve);
    });
  }
  Object.defineProperty(Class.prototype, symbol, { value, writable: true, configurable: true });
}

module.exports = {
  closeReason,
  closeServer,
  closeSocket,
  closeWith,
  destroy,
  emitClose,
  fail,
  makeDisposable,
  runConnectCallback,
  runEndCallbacks,
};
