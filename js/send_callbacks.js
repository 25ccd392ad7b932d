'use strict';
// Callbacks of messages. While a message waits in the binary, its callback waits in the queue of its destination, where
// callbacks run in the order of sending. Every callback runs once, on a later tick, with null or the error. The messages
// without a callback that fail in one turn of the event loop share one report, which Kind.onTurnEnd makes.

const { AsyncResource } = require('async_hooks');
const { constants } = require('os');
const { MAX_INT } = require('./constants');
const diagnostics = require('./diagnostics');
const { socketClosed } = require('./errors');
const { nextTick, setImmediate } = require('./timers');

/** After this many callbacks passed to process.nextTick, one is passed to setImmediate, so that the event loop continues. */
const MAX_NEXT_TICKS = 1000;
const MANUAL_DESTROY = { requireManualDestroy: true };
/** What send(2) fails with when a connection is broken. */
const BROKEN = [-constants.errno.EPIPE, -constants.errno.ECONNRESET];

/** A callback in a queue, with the async context in which its message was sent. */
class WaitingCallback extends AsyncResource {
  /** @param {number} id @param {any} cb @param {Error | undefined} error set if the message has failed already */
  constructor(id, cb, error) {
    super('UNIXSOCKETSEND', MANUAL_DESTROY);
    this.id = id;
    this.cb = cb;
    this.error = error;
    /** @type {WaitingCallback | undefined} */
    this.next = undefined;
  }
}

/** Returns an id for a message with a callback. @param {any} state @returns {number} */
function nextId(state) {
  do {
    if (state.lastId === MAX_INT) {
      state.lastId = 0;
      state.busyIds = new Set(waitingCallbacks(state).map(({ id }) => id));
    }
    state.lastId++;
    // A message that has waited since the previous round keeps its id.
  } while (state.busyIds !== undefined && state.busyIds.has(state.lastId));
  return state.lastId;
}

/** Whether a message to `destination` waits with a callback. @param {any} state @param {number} destination */
function isWaiting(state, destination) {
  return state.callbacks !== undefined && state.callbacks.has(destination);
}

/** @param {any} state @returns {WaitingCallback[]} of all destinations */
function waitingCallbacks(state) {
  const all = [];
  for (const queue of state.callbacks === undefined ? [] : state.callbacks.values()) {
    for (let entry = queue.first; entry !== undefined; entry = entry.next) all.push(entry);
  }
  return all;
}

/**
 * Queues the callback of a message that waits, or of one that failed at once while earlier messages wait.
 * @type {(state: any, destination: number, id: number, cb: any, error?: Error) => void}
 */
function queueCallback(state, destination, id, cb, error) {
  const entry = new WaitingCallback(id, cb, error);
  if (state.callbacks === undefined) state.callbacks = new Map();
  const queue = state.callbacks.get(destination);
  if (queue === undefined) {
    state.callbacks.set(destination, { first: entry, last: entry });
  } else {
    queue.last.next = entry;
    queue.last = entry;
  }
}

/**
 * Moves the callbacks that wait for one destination behind those that wait for another.
 * @type {(state: any, from: number, to: number) => void}
 */
function moveCallbacks(state, from, to) {
  if (!isWaiting(state, from)) return;
  const moved = state.callbacks.get(from);
  const queue = state.callbacks.get(to);
  state.callbacks.delete(from);
  if (queue === undefined) {
    state.callbacks.set(to, moved);
  } else {
    queue.last.next = moved.first;
    queue.last = moved.last;
  }
}

/**
 * Completes message `id` (0 if it has no callback), with an error if it failed. Messages to one destination complete in
 * the order of sending, so this completes all earlier ones as well.
 * @type {(state: any, destination: number, id: number, error: Error | undefined) => void}
 */
function completeMessage(state, destination, id, error) {
  const queue = isWaiting(state, destination) ? state.callbacks.get(destination) : undefined;
  let found = queue === undefined || id === 0 ? undefined : queue.first;
  while (found !== undefined && found.id !== id) found = found.next;
  if (error !== undefined) noteFailure(state, error, found !== undefined, false);
  if (found === undefined) return;
  found.error = error;
  let completed = false;
  // After it, run the callbacks of messages that failed at once and had to wait only for this one.
  while (queue.first !== undefined && (!completed || queue.first.error !== undefined)) {
    const entry = queue.first;
    queue.first = entry.next;
    if (entry.next === undefined) state.callbacks.delete(destination);
    completed = completed || entry === found;
    runPendingCallback(state, entry);
  }
}

/**
 * Runs the callbacks that wait for one destination, with an error.
 * @type {(state: any, destination: number, error: Error) => void}
 */
function failCallbacksTo(state, destination, error) {
  const queue = isWaiting(state, destination) ? state.callbacks.get(destination) : undefined;
  if (queue === undefined) return;
  state.callbacks.delete(destination);
  let entry = queue.first;
  queue.first = undefined;
  while (entry !== undefined) {
    const { next } = entry;
    if (entry.error === undefined) entry.error = error;
    runPendingCallback(state, entry);
    entry = next;
  }
}

/**
 * Runs all callbacks that wait, in the order of sending, with the error that broke the connection or ERR_SOCKET_CLOSED.
 * @param {any} state
 */
function failPendingCallbacks(state) {
  const entries = waitingCallbacks(state);
  if (entries.length === 0) return;
  // The queues are emptied first, because completeMessage may be running: a hook of async_hooks may close the socket.
  for (const queue of state.callbacks.values()) queue.first = undefined;
  state.callbacks.clear();
  const error = state.broken || socketClosed(state.kind.closedMessage);
  for (const entry of entries.sort((a, b) => a.asyncId() - b.asyncId())) {
    if (entry.error === undefined) entry.error = error;
    runPendingCallback(state, entry);
  }
}

/** @param {any} state @param {WaitingCallback} entry removed from its queue */
function runPendingCallback(state, entry) {
  entry.runInAsyncScope(scheduleCallback, undefined, state, entry.cb, entry.error || null);
  entry.emitDestroy();
}

/**
 * Runs a callback on a later tick. If there are many, it runs on a later turn of the event loop, with all after it.
 * @type {(state: any, cb: any, err: Error | null) => void}
 */
function scheduleCallback(state, cb, err) {
  if (state.immediatesPending === 0 && ++state.nextTickCount < MAX_NEXT_TICKS) {
    nextTick(cb, err);
    return;
  }
  state.nextTickCount = 0;
  state.immediatesPending++;
  setImmediate(() => {
    state.immediatesPending--;
    cb(err);
  });
}

/**
 * Reports that a message failed at once: to its callback, in its turn, or at the end of this turn of the event loop if it
 * has none.
 * @type {(state: any, id: number, cb: any, error: Error, destination: number) => void}
 */
function failMessage(state, id, cb, error, destination) {
  diagnostics.messageDropped(state, error);
  noteFailure(state, error, cb !== undefined, state.ending);
  if (cb === undefined) return;
  if (isWaiting(state, destination)) queueCallback(state, destination, id, cb, error);
  else scheduleCallback(state, cb, error);
}

/**
 * Notes that a message failed, with a callback that gets the error or without one. write() after end() fails with EPIPE,
 * too, but that does not mean that the connection is broken.
 * @type {(state: any, err: any, hasCallback: boolean, afterEnd: boolean) => void}
 */
function noteFailure(state, err, hasCallback, afterEnd) {
  const breaks = !state.kind.dgram && !afterEnd && (BROKEN.includes(err.errno) || err.code === 'ERR_SOCKET_CLOSED');
  if (breaks && state.sendError === undefined) state.sendError = err;
  if (hasCallback) return;
  if (breaks && state.broken === undefined) state.broken = err;
  if (state.failure === undefined) state.failure = err;
  state.failedMessages++;
  awaitTurnEnd(state);
}

/** Calls Kind.onTurnEnd at the end of this turn of the event loop. @param {any} state */
function awaitTurnEnd(state) {
  if (state.turnEnds) return;
  state.turnEnds = true;
  setImmediate(endTurn, state);
}

/** @param {any} state */
function endTurn(state) {
  state.turnEnds = false;
  if (!state.closed) state.resource.runInAsyncScope(state.kind.onTurnEnd, undefined, state);
}

module.exports = {
  awaitTurnEnd,
  completeMessage,
  failCallbacksTo,
  failMessage,
  failPendingCallbacks,
  isWaiting,
  moveCallbacks,
  nextId,
  queueCallback,
  scheduleCallback,
};
