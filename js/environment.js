'use strict';
// The binary's state for this copy of the library, made at the first use: require() has no effects.

const binding = require('./binding');
const { runTicks } = require('./ticks');

/**
 * Messages one upcall carries: what it delivered, then offset and length of each. As src/runs.rs has it. For a
 * message by itself the first word says whether its descriptors were taken.
 */
const RUN = 64;
const runs = new Uint32Array(1 + 2 * RUN);

// Called without arguments these do nothing: what is wanted then are the ticks and microtasks at the end of a call.

/**
 * Core#onData, spelt out: this runs once a message.
 * @this {any} the socket's core
 * @param {any} memory
 * @param {any} offset
 * @param {any} length
 * @param {any} size
 * @param {any} truncated
 * @param {any} fds
 * @param {any} fdsTruncated
 * @param {any} identity
 * @param {any} sender
 */
function onData(memory, offset, length, size, truncated, fds, fdsTruncated, identity, sender) {
  return offset === undefined
    ? false
    : this.onData(memory, offset, length, size, truncated, fds, fdsTruncated, identity, sender);
}

/**
 * @this {any} the socket's core
 * @param {any} memory
 * @param {number} count
 */
function onRun(memory, count) {
  return count === undefined ? false : this.onRun(memory, count, runs);
}

/**
 * @this {any} the core of a socket or server
 * @param {number} [kind]
 * @param {any} [detail]
 * @param {any} [more]
 */
function onEvent(kind, detail, more) {
  if (kind !== undefined) this.resource.runInAsyncScope(this.onEvent, this, kind, detail, more);
}

/** @type {((memory: ArrayBuffer) => void) | undefined} */
let markAsUntransferable;

/** Memory that small messages share: whoever transferred one would take the others' along. @param {number} size */
function newSlab(size) {
  if (markAsUntransferable === undefined) {
    // Not at the top: it would be a fifth of the time of require().
    markAsUntransferable = require('worker_threads').markAsUntransferable || (() => {});
  }
  const slab = Buffer.allocUnsafeSlow(size);
  markAsUntransferable(slab.buffer);
  return slab;
}

/** @type {any} */
let environment;
/** @type {any} */
let functions;

/** Throws where no socket can work: on Bun, Deno and Windows. @returns {void} */
function check() {
  void binding.Environment;
}

/** @returns {any} */
function get() {
  if (environment === undefined) {
    environment = new binding.Environment(onData, onRun, onEvent, newSlab, runs, runTicks !== undefined);
  }
  return environment;
}

/** From here on the descriptors of the message are JavaScript's to close, also where the listener never returns. */
function takeDescriptors() {
  runs[0] = 1;
}

/** @returns {any} undefined before the first socket: what needs no event loop makes none */
function existing() {
  return environment;
}

/** @returns {{ send: Function, sendStaged: Function }} the two calls made once a message */
function raw() {
  if (functions === undefined) {
    const [send, sendStaged] = get().rawFunctions();
    functions = { send, sendStaged };
  }
  return functions;
}

/** @type {typeof import('./diagnostics') | undefined} */
let hooks;

/** Loaded with the first socket: require() stays quick. */
function diagnostics() {
  if (hooks === undefined) hooks = require('./diagnostics');
  return hooks;
}

module.exports = { binding, check, diagnostics, existing, get, raw, takeDescriptors };
