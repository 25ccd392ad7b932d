'use strict';
// Receiving: messages one by one or in runs, and when the binary is asked to read.

const { Peek } = require('./constants');
const binding = require('./binding');
const environment = require('./environment');
const { nameOf } = require('./names');
const { drainTickQueue } = require('./tick_queue');
const { nextTick, now } = require('./timers');

/** Creates what Buffer#subarray creates, at half the cost: new View(arrayBuffer, offset, length). @type {any} */
const View = viewClass();
/** onRun looks at the clock after every eighth message, and returns to the event loop after this many milliseconds. */
const CLOCK_MASK = 7;
const MAX_RUN_MS = 1;

/** Listeners of 'data' that use the bytes of a message and nothing else. @type {WeakSet<Function>} */
const bytesOnly = new WeakSet();

/** @returns {any} a class whose instances are plain Buffers */
function viewClass() {
  const species = /** @type {any} */ (Buffer)[Symbol.species];
  if (typeof species === 'function' && species !== Buffer && species.prototype === Buffer.prototype) return species;
  /** @param {ArrayBuffer} memory @param {number} offset @param {number} length */
  return function view(memory, offset, length) {
    return Buffer.from(memory, offset, length);
  };
}

/**
 * Upcall: one message. Returns true to refuse it: the binary keeps it, and all messages after it, until reading starts
 * again. `sender` is passed if it is not the sender whose name was passed last, `size` and what follows if there is
 * something to say about the message in addition to its bytes.
 * @this {any} the state object
 * @type {(memory: any, offset?: any, length?: any, sender?: Buffer, size?: number, truncated?: boolean, fds?: any,
 *   fdsTruncated?: boolean, credentials?: number[]) => boolean}
 */
function onData(memory, offset, length, sender, size, truncated, fds, fdsTruncated, credentials) {
  if (offset === undefined) return false; // Called without arguments to drain the tick queue.
  if (sender !== undefined) {
    this.rawPath = sender;
    this.path = nameOf(sender);
  }
  if (this.paused) return refuse(this);
  const data =
    length === 0 ? Buffer.alloc(0) : length === memory.length ? memory : new View(memory.buffer, offset, length);
  const info = messageInfo(this, length);
  if (size !== undefined) {
    info.size = size;
    info.truncated = truncated;
    info.fds = takeDescriptors(this, fds);
    if (credentials !== undefined) info.credentials = { pid: credentials[0], uid: credentials[1], gid: credentials[2] };
    if (fdsTruncated) info.fdsTruncated = true;
  }
  return emitData(this, data, info);
}

/**
 * Upcall: messages without ancillary data, of one sender, in one piece of memory. Stores the number of messages delivered
 * in `runs`. Returns true to refuse the next message.
 * @this {any} the state object
 * @param {any} memory
 * @param {number} [count]
 */
function onRun(memory, count) {
  if (count === undefined) return false; // Called without arguments to drain the tick queue.
  const { runs } = environment;
  const started = now();
  const { buffer } = memory;
  let delivered = 0;
  try {
    for (;;) {
      const at = 1 + 2 * delivered++;
      const length = runs[at + 1];
      if (this.paused ? refuse(this) : emitData(this, new View(buffer, runs[at], length), messageInfo(this, length))) {
        delivered--;
        return true;
      }
      // After the last message, the binary drains the queues when this function returns.
      if (delivered === count || this.closed) return false;
      if (!drainedTickQueue()) return false;
      if (this.closed || ((delivered & CLOCK_MASK) === 0 && now() - started >= MAX_RUN_MS)) return false;
    }
  } finally {
    runs[0] = delivered;
  }
}

/** Returns false if a callback in the queues threw: the binary drains the rest when onRun returns. */
function drainedTickQueue() {
  try {
    /** @type {() => void} */ (drainTickQueue)();
    return true;
  } catch (err) {
    // Reported here, because throwing out of onRun would leave an unbalanced async_hooks stack, and Node.js would abort.
    environment.get().reportException(err);
    return false;
  }
}

/** @param {any} state @param {number} size @returns {any} of a message without ancillary data */
function messageInfo(state, size) {
  if (!state.kind.dgram) return { size, truncated: false, fds: [], credentials: null };
  return { size, truncated: false, fds: [], credentials: null, rawPath: state.rawPath };
}

/** @param {any} state @param {Buffer} data @param {any} info @returns {boolean} true if nothing listens: as in onData */
function emitData(state, data, info) {
  const { emitter, resource } = state;
  const hadListeners = state.kind.dgram
    ? resource.runInAsyncScope(emitter.emit, emitter, 'data', data, state.path, info)
    : resource.runInAsyncScope(emitter.emit, emitter, 'data', data, info);
  // The listeners are counted as well, because an emit() of the user's own may return anything.
  return hadListeners === false && emitter.listenerCount('data') === 0 ? refuse(state) : false;
}

/**
 * Takes over the descriptors of a message, for its listeners. If all listeners use the bytes only, nothing would ever
 * close the descriptors, so they are closed here.
 * @type {(state: any, fds: any) => number[]}
 */
function takeDescriptors(state, fds) {
  if (fds.length === 0) return fds;
  // From here on the binary does not close them, even if a listener never returns because the worker is terminated.
  environment.runs[0] = 1;
  const listeners = state.emitter.listeners('data');
  if (listeners.length === 0 || !listeners.every((/** @type {any} */ listener) => bytesOnly.has(listener))) return fds;
  for (const fd of fds) binding.closeFd(fd);
  return [];
}

/**
 * Stops reading in the binary at once. Ticks run when the upcall returns, and one of them may start reading again.
 * @param {any} state
 * @returns {true} the result of an upcall that refuses its message
 */
function refuse(state) {
  state.reading = false;
  state.setReading(false);
  return true;
}

/** Starts reading if there is a listener for messages and nothing forbids it. @param {any} state */
function startReading(state) {
  if (!state.reading && state.readable && !state.paused && !state.closed && state.emitter.listenerCount('data') > 0) {
    state.reading = true;
    state.setReading(true);
  }
}

/** @param {any} state @param {string | symbol} type */
function listenerAdded(state, type) {
  if (type === 'data') {
    state.dataListened = true;
    startReading(state);
  } else if (state.peerEnded && (type === 'end' || type === 'close' || type === 'error')) {
    nextTick(discardUnread, state);
  }
}

/**
 * Called when the peer of a connection has ended and nothing reads. If there is nothing to read but the end or an error,
 * and a listener for it, reading starts so that the event follows. Unread messages are discarded for a program that
 * waits for the end without ever having listened to 'data', as programs written for 0.2.7 do.
 * @param {any} state
 */
function discardUnread(state) {
  const { emitter } = state;
  if (!state.peerEnded || state.reading || state.paused || state.closed || state.ended) return;
  const endListened = emitter.listenerCount('end') > 0 || emitter.listenerCount('close') > 0;
  const unread = state.peekState();
  if (unread === Peek.MESSAGE_OR_NOTHING && (state.dataListened || !endListened)) return;
  if (unread === Peek.ONLY_ERROR && !endListened && emitter.listenerCount('error') === 0) return;
  state.reading = true;
  state.discard();
}

/** @param {any} state */
function pause(state) {
  if (state.paused) return;
  state.paused = true;
  state.reading = false;
  if (!state.closed) state.setReading(false);
}

/** @param {any} state */
function resume(state) {
  state.paused = false;
  startReading(state);
  if (state.peerEnded) discardUnread(state);
}

module.exports = { bytesOnly, discardUnread, listenerAdded, onData, onRun, pause, resume, startReading };
