'use strict';
// Runs the nextTick and microtask queues between the messages of one call from the binary, as Node runs them between
// timers that expire together. Where this is not possible the binary calls once per message: same order, a little slower.

/** Whether Node.js warns of process._tickCallback (DEP0134), as it does with --pending-deprecation. */
function tickCallbackWarns() {
  const flag = '--pending-deprecation';
  const { NODE_OPTIONS = '', NODE_PENDING_DEPRECATION } = process.env;
  return NODE_PENDING_DEPRECATION === '1' || process.execArgv.includes(flag) || NODE_OPTIONS.includes(flag);
}

/** @type {(() => void) | undefined} */
const tickCallback = /** @type {any} */ (process)._tickCallback;

/** Runs everything that process.nextTick, queueMicrotask and promises have queued. Undefined if that is not possible. */
const drainTickQueue = typeof tickCallback === 'function' && !tickCallbackWarns() ? tickCallback : undefined;

module.exports = { drainTickQueue };
