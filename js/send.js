'use strict';
// Sending: the two ways a message takes to the binary.

const { constants } = require('os');
const { SendMode } = require('./constants');
const { flushStage, writeCorked } = require('./cork');
const { hotCalls, systemError } = require('./environment');
const { awaitTurnEnd, failCallbacksTo, failMessage, nextId, scheduleCallback } = require('./send_callbacks');
const { handleSendResult, sendError } = require('./send_results');

/**
 * Sends `length` bytes of `view`. `destination` is 0 for the connected peer, otherwise an id of destinations.js.
 * @type {(state: any, view: any, offset: number, length: number, cb: any, destination: number) => boolean}
 */
function write(state, view, offset, length, cb, destination) {
  if (state.ending) return writeAfterEnd(state, cb);
  if (state.corks > 0) return writeCorked(state, view, offset, length, cb, destination);
  const id = cb === undefined ? 0 : nextId(state);
  const result = hotCalls.send(state.hotKey, view, offset, length, id, destination, SendMode.SEND_OR_QUEUE);
  if (result === 0) {
    if (cb !== undefined) scheduleCallback(state, cb, null);
    return true;
  }
  return handleSendResult(state, result, id, cb, destination);
}

/**
 * Sends a message that is gathered from parts, or that passes descriptors. `parts` is one view, or an array of views.
 * @type {(state: any, parts: any, fds: number[], cb: any, destination: number) => boolean}
 */
function writeParts(state, parts, fds, cb, destination) {
  if (state.ending) return writeAfterEnd(state, cb);
  const id = cb === undefined ? 0 : nextId(state);
  const corked = state.corks > 0;
  if (corked) flushStage(state, true);
  const views = Array.isArray(parts) ? parts : [parts];
  return handleSendResult(state, state.sendParts(views, fds, id, destination, corked), id, cb, destination);
}

/**
 * Sends a message of any form. `data` is one view, or an array of views.
 * @type {(state: any, data: any, fds: number[], cb: any, destination: number) => boolean}
 */
function writeMessage(state, data, fds, cb, destination) {
  if (Array.isArray(data) || fds.length > 0) return writeParts(state, data, fds, cb, destination);
  return write(state, data, 0, data.byteLength, cb, destination);
}

/** @param {any} state @param {any} cb */
function writeAfterEnd(state, cb) {
  failMessage(state, nextId(state), cb, systemError(constants.errno.EPIPE, 'send'), 0);
  return false;
}

/**
 * Drops what waits for a destination. The callbacks get ENOBUFS.
 * @type {(state: any, destination: number) => number}
 */
function discardMessages(state, destination) {
  if (destination === 0) flushStage(state, true);
  const count = state.discardMessages(destination);
  if (count === 0) return 0;
  failCallbacksTo(state, destination, sendError(state, constants.errno.ENOBUFS, destination));
  awaitTurnEnd(state);
  return count;
}

module.exports = { discardMessages, write, writeMessage, writeParts };
