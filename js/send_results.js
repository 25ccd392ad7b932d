'use strict';
// Results of sending, and backpressure: bytes that wait, and 'drain'.

const { constants } = require('os');
const { systemError } = require('./environment');
const { socketClosed } = require('./errors');
const { nameOf } = require('./names');
const { awaitTurnEnd, failMessage, queueCallback, scheduleCallback } = require('./send_callbacks');

/**
 * Returns the result of write(), for a result of the binary: 0 sent; n > 0 queued, n - 1 bytes wait for the same
 * destination; n < 0 failed with errno -n. For a message that failed the result is false, so that a loop that writes until
 * the result is false ends; 'drain' or 'error' follows.
 * @type {(state: any, result: number, id: number, cb: any, destination: number) => boolean}
 */
function handleSendResult(state, result, id, cb, destination) {
  if (result < 0) {
    failMessage(state, id, cb, sendError(state, -result, destination), destination);
    expectDrain(state, destination);
    awaitTurnEnd(state);
    return false;
  }
  if (result === 0) {
    if (cb !== undefined) scheduleCallback(state, cb, null);
    return true;
  }
  if (cb !== undefined) queueCallback(state, destination, id, cb);
  return hasRoom(state, result - 1, destination);
}

/** @param {any} state @param {number} errno @param {number} destination @returns {Error} */
function sendError(state, errno, destination) {
  // The binary has closed the socket, and the CLOSE event has not arrived yet.
  if (errno === constants.errno.EBADF) return socketClosed(state.kind.closedMessage);
  return destination === 0
    ? systemError(errno, 'send')
    : systemError(errno, 'sendto', state.destinationName(destination));
}

/**
 * Returns false if the writer should wait for 'drain'. `waiting` is what waits for the destination, in bytes.
 * @type {(state: any, waiting: number, destination: number) => boolean}
 */
function hasRoom(state, waiting, destination) {
  if (waiting < state.highWaterMark) return true;
  expectDrain(state, destination);
  return false;
}

/** @param {any} state @param {number} destination */
function expectDrain(state, destination) {
  if (destination === 0) state.needDrain = true;
  else if (state.needDrainTo === undefined) state.needDrainTo = new Set([destination]);
  else state.needDrainTo.add(destination);
}

/** @param {any} state @param {number} destination @returns {boolean} whether 'drain' follows */
function expectsDrain(state, destination) {
  if (destination === 0) return state.needDrain;
  return state.needDrainTo !== undefined && state.needDrainTo.has(destination);
}

/** @param {any} state @returns {boolean} whether any 'drain' follows */
function needsDrain(state) {
  return !state.closed && (state.needDrain || (state.needDrainTo !== undefined && state.needDrainTo.size > 0));
}

/** @param {any} state @param {number} destination @returns {number} what waits for it, in bytes */
function lengthTo(state, destination) {
  if (state.closed) return 0;
  const staged = destination === 0 && state.stage !== undefined ? state.stage.weight : 0;
  return state.queuedBytesTo(destination) + staged;
}

/** @param {any} state @returns {number} what waits in all, in bytes */
function writableLength(state) {
  if (state.closed) return 0;
  return state.queuedBytes() + (state.stage === undefined ? 0 : state.stage.weight);
}

/** Called when the queues of destinations are empty. @param {any} state @param {number[]} destinations their ids */
function drained(state, destinations) {
  for (const destination of destinations) {
    if (destination === 0) state.bytesBeforeStage = 0;
    if (state.closed || !expectsDrain(state, destination)) continue;
    const waiting = lengthTo(state, destination);
    if (waiting > 0 && waiting >= state.highWaterMark) continue;
    if (destination === 0) state.needDrain = false;
    else state.needDrainTo.delete(destination);
    if (state.kind.dgram) state.emitter.emit('drain', nameOfDestination(state, destination));
    else state.emitter.emit('drain');
  }
}

/**
 * Emits 'drain' for each destination for which it is expected and nothing waits. The binary reports only queues that become
 * empty, not messages that failed, and corked ones that were sent at once.
 * @param {any} state
 */
function drainEmpty(state) {
  const expected = state.needDrainTo === undefined ? [] : Array.from(state.needDrainTo);
  if (state.needDrain) expected.push(0);
  drained(
    state,
    expected.filter((destination) => lengthTo(state, destination) === 0),
  );
}

/** @param {any} state @param {number} destination @returns {string} '' for a connected peer without a name */
function nameOfDestination(state, destination) {
  const bytes = destination === 0 ? state.remoteAddress() : state.destinationName(destination);
  return nameOf(bytes);
}

module.exports = {
  drainEmpty,
  drained,
  expectDrain,
  expectsDrain,
  handleSendResult,
  hasRoom,
  lengthTo,
  needsDrain,
  sendError,
  writableLength,
};
