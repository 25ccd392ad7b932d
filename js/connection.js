'use strict';
// Connections: connect, the end of the write side, and failure.

const { AsyncResource } = require('async_hooks');
const { constants } = require('os');
const { destroyOnAbort } = require('./abort_signal');
const { closeSocket, destroy } = require('./close');
const { flushStage } = require('./cork');
const diagnostics = require('./diagnostics');
const { systemError } = require('./environment');
const { startReading } = require('./receive');
const { scheduleCallback } = require('./send_callbacks');
const { clearTimeout, nextTick, now, setTimeout } = require('./timers');

const { EAGAIN, EALREADY, ECONNRESET, EISCONN, ETIMEDOUT } = constants.errno;
/** Milliseconds between two attempts to connect while the backlog is full: doubled up to the maximum. */
const FIRST_RETRY_DELAY = 1;
const MAX_RETRY_DELAY = 16;

/**
 * Connects, and keeps trying for `timeout` milliseconds while the server's backlog is full.
 * @type {(state: any, path: Uint8Array, timeout: number, cb: any, signal: any) => void}
 */
function connect(state, path, timeout, cb, signal) {
  if (state.connected) throw systemError(EISCONN, 'connect', path);
  if (state.connecting) throw systemError(EALREADY, 'connect', path);
  state.peerPath = path;
  try {
    const done = state.connect(path);
    if (!done && timeout === 0) throw systemError(EAGAIN, 'connect', path);
    state.connecting = true;
    const removeAbortListener = signal && destroyOnAbort(state, signal);
    state.stopConnecting = () => {
      state.stopConnecting = undefined;
      state.connecting = false;
      clearTimeout(state.connectTimer);
      if (removeAbortListener !== undefined) removeAbortListener();
    };
    if (done) connectionMade(state, cb);
    else connectLater(state, FIRST_RETRY_DELAY, now() + timeout, cb);
  } catch (err) {
    state.connecting = false;
    closeSocket(state);
    throw err;
  }
}

/**
 * Tries again after `delay` milliseconds, because a backlog that is full causes no event when it has room.
 * @type {(state: any, delay: number, deadline: number, cb: any) => void}
 */
function connectLater(state, delay, deadline, cb) {
  const attempt = () => {
    try {
      if (state.connect(state.peerPath)) connectionMade(state, cb);
      else if (now() >= deadline) destroy(state, systemError(ETIMEDOUT, 'connect', state.peerPath));
      else connectLater(state, Math.min(2 * delay, MAX_RETRY_DELAY), deadline, cb);
    } catch (err) {
      destroy(state, /** @type {Error} */ (err));
    }
  };
  const jittered = delay + Math.random() * delay;
  state.connectTimer = setTimeout(attempt, Math.max(1, Math.min(jittered, deadline - now())));
  // The socket itself keeps the process alive.
  state.connectTimer.unref();
}

/** @param {any} state @param {any} cb */
function connectionMade(state, cb) {
  state.connected = true;
  diagnostics.connected(state, state.peerPath);
  nextTick(() => {
    if (state.closed) return;
    state.stopConnecting();
    state.readable = true;
    startReading(state);
    if (cb !== undefined) nextTick(cb);
    state.emitter.emit('connect');
  });
}

/** Shuts the write side down once everything before it is sent. @param {any} state @param {any} cb */
function end(state, cb) {
  if (cb !== undefined) {
    if (state.writeShut) scheduleCallback(state, cb, null);
    else {
      if (state.endCallbacks === undefined) state.endCallbacks = [];
      state.endCallbacks.push({ cb, resource: new AsyncResource('UNIXSOCKETEND') });
    }
  }
  if (state.ending) return;
  flushStage(state, true);
  state.ending = true;
  state.shutdown();
}

/** Handles an error of the connection: all messages before it were delivered. @param {any} state @param {any} err */
function connectionFailed(state, err) {
  // Closed before the event, so that a listener that throws leaves no open socket.
  const [bytesRead, bytesWritten] = state.counters();
  closeSocket(state);
  if (err.errno === -ECONNRESET && state.peerPath !== undefined && bytesRead === 0 && bytesWritten === 0) {
    // The server closed before it accepted. 0.2.7 reported this as libuv does, and its users look for EBADF.
    const refused = systemError(ECONNRESET, 'connect', state.peerPath);
    refused.message += ' (EBADF)';
    state.emitter.emit('error', refused);
    return;
  }
  state.emitter.emit('error', err);
}

module.exports = { connect, connectionFailed, end };
