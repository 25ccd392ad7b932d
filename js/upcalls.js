'use strict';
// The functions that the binary calls. Their `this` is the state object of the socket or server. The binary calls them
// without arguments to drain the nextTick and microtask queues after an exception.

const binding = require('./binding');
const environment = require('./environment');
const { onData, onRun } = require('./receive');
const { drainTickQueue } = require('./tick_queue');

/**
 * @this {any} the state object of a socket or server
 * @param {number} [event]
 * @param {any} [detail]
 */
function onEvent(event, detail) {
  if (event !== undefined) this.resource.runInAsyncScope(this.kind.onEvent, undefined, this, event, detail);
}

/** @type {((memory: ArrayBuffer) => void) | undefined} */
let markAsUntransferable;

/**
 * Allocates memory that small messages share. Transferring one of them to a worker would take the others with it, so
 * the memory is marked as not transferable.
 * @param {number} size
 */
function newSlab(size) {
  if (markAsUntransferable === undefined) {
    // Loaded here because it would be a fifth of the time of require().
    markAsUntransferable = require('worker_threads').markAsUntransferable || (() => {});
  }
  const slab = Buffer.allocUnsafeSlow(size);
  markAsUntransferable(slab.buffer);
  return slab;
}

/** @returns {any} the Environment, made at the first call. Throws on platforms where no socket can work. */
function openEnvironment() {
  const opened = environment.get();
  if (opened !== undefined) return opened;
  const { runs, set } = environment;
  return set(new binding.Environment(onData, onRun, onEvent, newSlab, runs, drainTickQueue !== undefined));
}

module.exports = { openEnvironment };
