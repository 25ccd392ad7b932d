'use strict';
// Results of sending, and backpressure: bytes that wait, and 'drain'.

const { constants } = require('os');
const { systemError } = require('./environment');
const { socketClosed } = require('./errors');
const { awaitTurnEnd, failMessage, queueCallback, scheduleCallback } = require('./send_callbacks');

/**
 * Returns the result of write(), for a result of the binary: 0 sent; n > 0 queued, n - 1 bytes wait in all; n < 0 failed
 * with errno -n. For a message that failed the result is false, so that a loop that writes until the result is false ends;
 * 'drain' or 'error' follows.
 * @type {(state: any, result: number, id: number, cb: any, destination: number) => boolean}
 */
function handleSendResult(state, result, id, cb, destination) {
  if (result < 0) {
    failMessage(state, id, cb, sendError(state, -result, destination), destination);
    state.needDrain = true;
    awaitTurnEnd(state);
    return false;
  }
  if (result === 0) {
    if (cb !== undefined) scheduleCallback(state, cb, null);
    return true;
  }
  if (cb !== undefined) queueCallback(state, destination, id, cb);
  return hasRoom(state, result - 1);
}

/** @param {any} state @param {number} errno @param {number} destination @returns {Error} */
function sendError(state, errno, destination) {
  // The binary has closed the socket, and the CLOSE event has not arrived yet.
  if (errno === constants.errno.EBADF) return socketClosed(state.kind.closedMessage);
  return destination === 0
    ? systemError(errno, 'send')
    : systemError(errno, 'sendto', state.destinationName(destination));
}

/** @param {any} state @param {number} waiting bytes @returns {boolean} false if the writer should wait for 'drain' */
function hasRoom(state, waiting) {
  if (waiting < state.highWaterMark) return true;
  state.needDrain = true;
  return false;
}

/** @param {any} state @returns {number} bytes that wait */
function writableLength(state) {
  if (state.closed) return 0;
  return state.queuedBytes() + (state.stage === undefined ? 0 : state.stage.bytes);
}

/** Called when the queue of the binary is empty. @param {any} state @param {any} [_detail] */
function drained(state, _detail) {
  state.bytesBeforeStage = 0;
  if (!state.needDrain || state.closed || writableLength(state) >= state.highWaterMark) return;
  state.needDrain = false;
  state.emitter.emit('drain');
}

module.exports = { drained, handleSendResult, hasRoom, writableLength };
