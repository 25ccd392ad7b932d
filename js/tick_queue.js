'use strict';
// Runs the nextTick and microtask queues between the messages of one call from the binary, as Node.js runs them between
// timers that expire together. If this is not possible, the binary calls once per message: same order, a little slower.

/** @type {(() => void) | undefined} */
const tickCallback = /** @type {any} */ (process)._tickCallback;

/**
 * Whether Node.js warns of process._tickCallback (DEP0134), as it does with --pending-deprecation. It wraps the function then,
 * and the prototype of a wrapper is the function in it.
 */
function isWrapped() {
  return Object.getPrototypeOf(tickCallback) !== Object.getPrototypeOf(process.nextTick);
}

/** Runs everything that process.nextTick, queueMicrotask and promises have queued. Undefined if that is not possible. */
const drainTickQueue = typeof tickCallback === 'function' && !isWrapped() ? tickCallback : undefined;

module.exports = { drainTickQueue };
