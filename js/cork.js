'use strict';
// Messages collected between cork() and uncork(): copied one after another into one piece of memory, so that a
// whole run crosses to the binary, and to the kernel, in one call.

const STAGE_BYTES = 65536;
const STAGE_MESSAGES = 1024;
/** A larger message is queued by itself. */
const STAGE_MESSAGE = 4096;
const SPARE = 4;

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
   * @param {any} view
   * @param {number} offset
   * @param {number} length
   * @param {number} id
   */
  add(view, offset, length, id) {
    if (length > 0) this.copy(view, offset, length);
    this.bytes += length;
    const at = 2 * this.count++;
    this.meta[at] = length;
    this.meta[at + 1] = id;
  }

  /**
   * @param {any} view
   * @param {number} offset
   * @param {number} length
   */
  copy(view, offset, length) {
    const whole = offset === 0 && length === view.byteLength && view instanceof Uint8Array;
    this.memory.set(whole ? view : new Uint8Array(view.buffer, view.byteOffset + offset, length), this.bytes);
  }

  clear() {
    this.count = 0;
    this.bytes = 0;
    if (this.ids.length > 0) this.ids = [];
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

module.exports = { STAGE_MESSAGE, acquire, release };
