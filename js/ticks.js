'use strict';
// Ticks and microtasks between messages of one upcall, as Node runs them between timers of one list. Where the runtime
// has no means for it, or warns of it, each message gets an upcall of its own: the same order, a little slower.

/** --pending-deprecation warns of process._tickCallback (DEP0134). */
function warns() {
  const flag = '--pending-deprecation';
  const { NODE_OPTIONS = '', NODE_PENDING_DEPRECATION } = process.env;
  return NODE_PENDING_DEPRECATION === '1' || process.execArgv.includes(flag) || NODE_OPTIONS.includes(flag);
}

/** @type {(() => void) | undefined} */
const tickCallback = /** @type {any} */ (process)._tickCallback;

/** Runs what process.nextTick, queueMicrotask and promises have waiting; undefined where that cannot be done. */
const runTicks = typeof tickCallback === 'function' && !warns() ? tickCallback : undefined;

module.exports = { runTicks };
