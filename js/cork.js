'use strict';
// Messages collected between cork() and uncork(): copied one after another into one piece of memory, so that many of them
// are passed to the binary, and to the kernel, in one call.

const { constants } = require('os');
const { types } = require('util');
const { MESSAGE_OVERHEAD_BYTES, SendMode } = require('./constants');
const { hotCalls } = require('./environment');
const { outOfRange } = require('./errors');
const { awaitTurnEnd, completeMessage, nextId, queueCallback } = require('./send_callbacks');
const { handleSendResult, hasRoom } = require('./send_results');
const { nextTick } = require('./timers');
const { bytesOf, ofTypedArray } = require('./validate');

const STAGE_BYTES = 65536;
const STAGE_MESSAGES = 1024;
/** Bytes of the largest message that is copied to a stage. */
const MAX_STAGED_MESSAGE = 4096;
/** A message of this size is not even queued: to copy it costs more than to send it by itself. */
const MIN_UNCORKED_MESSAGE = 32768;
const MAX_SPARE_STAGES = 4;

/**
 * %TypedArray%'s own getter, because a subclass may report more bytes than it has; bytes of earlier messages would then be
 * sent.
 */
const { byteLength } = ofTypedArray;

/** @type {Stage[]} */
const spareStages = [];

class Stage {
  constructor() {
    this.memory = new Uint8Array(STAGE_BYTES);
    /** For each message its length, and its id or 0. */
    this.meta = new Uint32Array(2 * STAGE_MESSAGES);
    this.count = 0;
    this.bytes = 0;
    /** @type {number[]} index and id of each message with a callback */
    this.ids = [];
  }

  /** What the messages count in `writableLength`. */
  get weight() {
    return this.bytes + MESSAGE_OVERHEAD_BYTES * this.count;
  }

  /** @param {number} length */
  hasRoom(length) {
    return this.count < STAGE_MESSAGES && this.bytes + length <= STAGE_BYTES;
  }

  /** @param {Uint8Array | undefined} bytes @param {number} length @param {number} id */
  add(bytes, length, id) {
    if (bytes !== undefined) this.memory.set(bytes, this.bytes);
    this.bytes += length;
    if (id !== 0) this.ids.push(this.count, id);
    const at = 2 * this.count++;
    this.meta[at] = length;
    this.meta[at + 1] = id;
  }

  /** @param {number} sent number of messages @returns {number} the last id among the first `sent` messages, or 0 */
  lastId(sent) {
    let at = this.ids.length - 2;
    while (at >= 0 && this.ids[at] >= sent) at -= 2;
    return at < 0 ? 0 : this.ids[at + 1];
  }

  clear() {
    this.count = 0;
    this.bytes = 0;
    if (this.ids.length > 0) this.ids = [];
  }
}

/** @param {Stage} stage */
function recycleStage(stage) {
  stage.clear();
  if (spareStages.length < MAX_SPARE_STAGES) spareStages.push(stage);
}

/** @param {any} state */
function cork(state) {
  if (state.corks++ === 0) nextTick(uncorkAll, state);
}

/** @param {any} state */
function uncork(state) {
  if (state.corks > 0 && --state.corks === 0) sendCorked(state);
}

/** @param {any} state */
function uncorkAll(state) {
  if (state.corks > 0 && !state.closed) {
    state.corks = 0;
    sendCorked(state);
  }
}

/** @param {any} state */
function sendCorked(state) {
  flushStage(state, false);
  if (!state.closed) state.uncork();
}

/**
 * Does the work of write() for a corked socket.
 * @type {(state: any, view: any, offset: number, length: number, cb: any, destination: number) => boolean}
 */
function writeCorked(state, view, offset, length, cb, destination) {
  const id = cb === undefined ? 0 : nextId(state);
  // A getter of the view, which gave its length, may have closed the socket.
  if (state.closed) return handleSendResult(state, -constants.errno.EBADF, id, cb, destination);
  if (destination !== 0 || length > MAX_STAGED_MESSAGE) {
    const queueOnly = length < MIN_UNCORKED_MESSAGE;
    flushStage(state, queueOnly);
    if (!queueOnly) state.uncork();
    const mode = queueOnly ? SendMode.QUEUE_ONLY : SendMode.SEND_OR_QUEUE;
    const result = hotCalls.send(state.hotKey, view, offset, length, id, destination, mode);
    return handleSendResult(state, result, id, cb, destination);
  }
  const bytes = bytesToStage(view, offset, length);
  if (state.stage !== undefined && !state.stage.hasRoom(length)) flushStage(state, false);
  if (state.stage === undefined) state.stage = spareStages.pop() || new Stage();
  const { stage } = state;
  stage.add(bytes, length, id);
  if (cb !== undefined) queueCallback(state, 0, id, cb);
  return hasRoom(state, state.bytesBeforeStage + stage.weight, 0);
}

/** Returns undefined if the message is empty. @type {(view: any, offset: number, length: number) => Uint8Array | undefined} */
function bytesToStage(view, offset, length) {
  if (length === 0) return undefined;
  if (offset === 0 && types.isUint8Array(view) && length === byteLength.call(view)) return view;
  const bytes = bytesOf(view);
  // The view's own class may claim anything.
  if (length < 0 || offset + length > bytes.length) throw outOfRange('length', 'within the view', length);
  return bytes.subarray(offset, offset + length);
}

/**
 * Passes the staged messages to the binary, which only queues them if more messages follow before uncork().
 * @type {(state: any, queueOnly: boolean) => void}
 */
function flushStage(state, queueOnly) {
  const { stage } = state;
  if (stage === undefined) return;
  state.stage = undefined;
  const sent = hotCalls.sendStaged(state.hotKey, stage.memory, stage.meta, stage.count, queueOnly ? 1 : 0);
  const allSent = sent === stage.count;
  const lastId = stage.lastId(sent);
  if (lastId !== 0) completeMessage(state, 0, lastId, undefined);
  state.bytesBeforeStage = allSent ? 0 : state.queuedBytesTo(0);
  recycleStage(stage);
  // 'drain' comes from the event loop, so that a writer driven by it leaves time for others.
  if (allSent && state.needDrain) awaitTurnEnd(state);
}

/** Drops the staged messages of a socket that closes. @param {any} state */
function dropStage(state) {
  const { stage } = state;
  if (stage === undefined) return;
  state.stage = undefined;
  recycleStage(stage);
}

module.exports = { cork, dropStage, flushStage, uncork, writeCorked };
