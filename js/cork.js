'use strict';
// Messages collected between cork() and uncork(): copied one after another into one piece of memory, so that a
// whole run crosses to the binary, and to the kernel, in one call.

const { outOfRange } = require('./errors');
const { ofTypedArray } = require('./validate');

const STAGE_BYTES = 65536;
const STAGE_MESSAGES = 1024;
/** A larger message is queued by itself. */
const STAGE_MESSAGE = 4096;
const SPARE = 4;

/** Not what a class of the caller's says: more would be what was staged before. */
const { byteLength } = ofTypedArray;

/** @type {Stage[]} */
const spare = [];

class Stage {
  constructor() {
    this.memory = new Uint8Array(STAGE_BYTES);
    /** Pairs: bytes of a message, the id of its callback (0: none). */
    this.meta = new Uint32Array(2 * STAGE_MESSAGES);
    this.count = 0;
    this.bytes = 0;
    /** @type {number[]} pairs: index and id of the messages that have a callback */
    this.ids = [];
  }

  /** @param {number} length */
  hasRoom(length) {
    return this.count < STAGE_MESSAGES && this.bytes + length <= STAGE_BYTES;
  }

  /**
   * @param {Uint8Array | undefined} bytes
   * @param {number} length
   * @param {number} id
   */
  add(bytes, length, id) {
    if (bytes !== undefined) this.memory.set(bytes, this.bytes);
    this.bytes += length;
    const at = 2 * this.count++;
    this.meta[at] = length;
    this.meta[at + 1] = id;
  }

  clear() {
    this.count = 0;
    this.bytes = 0;
    if (this.ids.length > 0) this.ids = [];
  }
}

/**
 * What a stage takes of a view; undefined where it is nothing, or too large for it.
 * @param {any} view
 * @param {number} offset
 * @param {number} length
 * @returns {Uint8Array | undefined}
 */
function bytesOf(view, offset, length) {
  if (length === 0 || length > STAGE_MESSAGE) return undefined;
  const whole = offset === 0 && view instanceof Uint8Array && length === byteLength.call(view);
  if (whole) return view;
  const { buffer, byteOffset } = view;
  try {
    return new Uint8Array(buffer, byteOffset + offset, length);
  } catch (_err) {
    throw outOfRange('length', 'within the view', length); // its class says more than there is
  }
}

/** @returns {Stage} */
function acquire() {
  return spare.pop() || new Stage();
}

/** @param {Stage} stage */
function release(stage) {
  stage.clear();
  if (spare.length < SPARE) spare.push(stage);
}

module.exports = { STAGE_MESSAGE, acquire, bytesOf, release };
