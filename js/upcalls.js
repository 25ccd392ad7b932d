'use strict';
// The functions that the binary calls. Their `this` is the state object of the socket or server. The binary calls them
// without arguments to drain the nextTick and microtask queues after an exception.

const binding = require('./binding');
const environment = require('./environment');
const { onData, onRun } = require('./receive');
const { ServerState, SocketState } = require('./state');
const { drainTickQueue } = require('./tick_queue');
const transfer = require('./transfer');

/**
 * @this {any} the state object of a socket or server
 * @param {number} [event]
 * @param {any} [detail]
 */
function onEvent(event, detail) {
  if (event !== undefined) this.resource.runInAsyncScope(this.kind.onEvent, undefined, this, event, detail);
}

/**
 * Allocates memory that small messages share. Transferring one of them to a worker would take the others with it.
 * @param {number} size
 */
function newSlab(size) {
  const slab = Buffer.allocUnsafeSlow(size);
  transfer.refuseTransfer(slab.buffer);
  return slab;
}

/** @type {any} */
const upcalls = { onData, onRun, onEvent, newSlab, runs: environment.runs, runsPossible: drainTickQueue !== undefined };

// The binary refers to the upcalls weakly, so that this copy of the library can be collected. While a socket or server is
// open the binary keeps its state object, and so its prototype and the upcalls.
Object.assign(ServerState.prototype, { upcalls });
Object.assign(SocketState.prototype, { upcalls });

/** @returns {any} the Environment, made at the first call. Throws on platforms where no socket can work. */
function openEnvironment() {
  const opened = environment.get();
  if (opened !== undefined) return opened;
  transfer.load();
  return environment.set(new binding.Environment(upcalls));
}

module.exports = { openEnvironment };
