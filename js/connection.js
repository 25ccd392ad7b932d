'use strict';
// Connections: connect, the end of either side, and failure.

const { AsyncResource } = require('async_hooks');
const { constants } = require('os');
const { destroyOnAbort } = require('./abort_signal');
const { closeReason, closeSocket, fail, runConnectCallback } = require('./close');
const { Peek } = require('./constants');
const { flushStage } = require('./cork');
const diagnostics = require('./diagnostics');
const { emitError } = require('./emit_error');
const { systemError } = require('./environment');
const { startReading } = require('./receive');
const { writeParts } = require('./send');
const { scheduleCallback } = require('./send_callbacks');
const { nextTick, now, setImmediate, setTimeout } = require('./timers');

const { EAGAIN, EALREADY, ECONNRESET, EISCONN, ENOTCONN, ETIMEDOUT } = constants.errno;
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
    if (signal !== undefined) closeOnAbort(state, signal);
    if (done) connectionMade(state);
    else connectLater(state, FIRST_RETRY_DELAY, now() + timeout);
  } catch (err) {
    closeSocket(state, err);
    throw err;
  }
  // Last, because an error that is thrown is not passed to the callback as well.
  if (cb !== undefined) state.connectCallback = { cb, resource: new AsyncResource('UNIXSOCKETCONNECT') };
}

/** Adds a second abort signal to that of the constructor. @param {any} state @param {any} signal */
function closeOnAbort(state, signal) {
  const removeFirst = state.removeAbortListener;
  const remove = destroyOnAbort(state, signal);
  state.removeAbortListener = () => {
    remove();
    if (removeFirst !== undefined) removeFirst();
  };
}

/**
 * Tries again after `delay` milliseconds, because a backlog that is full causes no event when it has room.
 * @type {(state: any, delay: number, deadline: number) => void}
 */
function connectLater(state, delay, deadline) {
  const attempt = () => {
    try {
      if (state.connect(state.peerPath)) connectionMade(state);
      else if (now() >= deadline) throw systemError(ETIMEDOUT, 'connect', state.peerPath);
      else connectLater(state, Math.min(2 * delay, MAX_RETRY_DELAY), deadline);
    } catch (err) {
      state.broken = err;
      fail(state, /** @type {Error} */ (err));
    }
  };
  const jittered = delay + Math.random() * delay;
  state.connectTimer = setTimeout(attempt, Math.max(1, Math.min(jittered, deadline - now())));
  // The socket itself keeps the process alive.
  state.connectTimer.unref();
}

/** @param {any} state */
function connectionMade(state) {
  state.connected = true;
  diagnostics.connected(state, state.peerPath);
  nextTick(() => {
    if (state.closed) return;
    state.connecting = false;
    state.readable = true;
    startReading(state);
    if (state.connectCallback !== undefined) runConnectCallback(state, null);
    state.emitter.emit('connect');
  });
}

/** Shuts the write side down once everything before it is sent. @param {any} state @param {any} cb */
function end(state, cb) {
  const never = !state.connected && !state.connecting;
  if (cb !== undefined) {
    if (state.closed) scheduleCallback(state, cb, closeReason(state));
    else if (never) scheduleCallback(state, cb, systemError(ENOTCONN, 'shutdown'));
    else if (state.writeShut) scheduleCallback(state, cb, state.sendError || null);
    else {
      if (state.endCallbacks === undefined) state.endCallbacks = [];
      state.endCallbacks.push({ cb, resource: new AsyncResource('UNIXSOCKETEND') });
    }
  }
  if (state.closed || state.ending || never) return;
  flushStage(state, true);
  state.ending = true;
  state.shutdown();
}

/**
 * Sends a last message, then does what `end` does. `cb` gets the error of the message as well.
 * @type {(state: any, data: any, cb: any) => void}
 */
function endWith(state, data, cb) {
  if (state.closed || cb === undefined) {
    if (!state.closed) writeParts(state, data, [], undefined, 0);
    end(state, cb);
    return;
  }
  /** @type {Error | null} */
  let failure = null;
  const onSent = (/** @type {Error | null} */ err) => {
    failure = err;
  };
  writeParts(state, data, [], onSent, 0);
  end(state, (/** @type {Error | null} */ err) => cb(failure || err));
}

/** All messages of the peer were delivered, and none will follow. @param {any} state */
function peerEnded(state) {
  if (state.broken !== undefined) {
    connectionFailed(state, state.broken);
    return;
  }
  state.ended = true;
  // Listeners of 'end' may send a last message before.
  if (!state.allowHalfOpen) nextTick(end, state, undefined);
  state.emitter.emit('end');
}

/**
 * Called at the end of a turn of the event loop in which a message without a callback failed because the peer has gone.
 * If messages of the peer are still unread, they are delivered before the connection closes; the error waits for that only
 * while the program reads. A loop that is between two iterations throws the error and reads no more.
 * @param {any} state
 */
function connectionBroke(state) {
  if (state.closed || state.breakPending) return;
  const reader = state.emitter.listenerCount('data') > 0 || (state.dataListened && !state.iterated);
  const unread = reader && state.isHungUp() && state.peekState() === Peek.MESSAGE_OR_NOTHING;
  if (!unread) connectionFailed(state, state.broken);
  else if (state.reading) {
    state.breakPending = true;
    setImmediate(retryBreak, state);
  } else if (!state.brokenEmitted) {
    state.brokenEmitted = true;
    emitError(state, state.broken);
  }
}

/** @param {any} state */
function retryBreak(state) {
  state.breakPending = false;
  connectionBroke(state);
}

/** Closes a connection that has failed, and reports it once. @param {any} state @param {any} err */
function connectionFailed(state, err) {
  if (state.broken === undefined) state.broken = err;
  const { broken, brokenEmitted } = state;
  state.brokenEmitted = true;
  // Closed before the event, so that a listener that throws leaves no open socket.
  const [bytesRead, bytesWritten] = state.counters();
  closeSocket(state, broken);
  if (brokenEmitted) return;
  if (broken.errno === -ECONNRESET && state.peerPath !== undefined && bytesRead === 0 && bytesWritten === 0) {
    // The server closed before it accepted. 0.2.7 reported this as libuv does, and its users look for EBADF.
    const refused = systemError(ECONNRESET, 'connect', state.peerPath);
    refused.message += ' (EBADF)';
    emitError(state, refused);
    return;
  }
  emitError(state, broken);
}

module.exports = { connect, connectionBroke, connectionFailed, end, endWith, peerEnded };
