'use strict';
// Handles the events that the binary emits for a socket.

const { emitClose, runEndCallbacks } = require('./close');
const { connectionBroke, connectionFailed, peerEnded } = require('./connection');
const { Event } = require('./constants');
const diagnostics = require('./diagnostics');
const { emitError } = require('./emit_error');
const { discardUnread } = require('./receive');
const { completeMessage } = require('./send_callbacks');
const { drainEmpty, drained } = require('./send_results');

/** @param {any} state @param {number} event @param {any} detail */
function onSocketEvent(state, event, detail) {
  switch (event) {
    case Event.SENT:
      messagesCompleted(state, detail);
      break;
    case Event.DRAINED:
      queueDrained(state, detail);
      break;
    case Event.ERROR:
      if (state.kind.dgram) emitError(state, detail);
      else connectionFailed(state, detail);
      break;
    case Event.CLOSE:
      emitClose(state);
      break;
    case Event.END:
      peerEnded(state);
      break;
    case Event.SHUTDOWN:
      state.writeShut = true;
      runEndCallbacks(state, state.sendError || null);
      state.emitter.emit('_shutdown');
      break;
    case Event.PEER_ENDED:
      state.peerEnded = true;
      discardUnread(state);
      break;
  }
}

/** @param {any} state @param {any[]} list for each message its destination, its id, and its error or undefined */
function messagesCompleted(state, list) {
  for (let i = 0; i < list.length; i += 3) completeMessage(state, list[i], list[i + 1], list[i + 2]);
  // In a second pass, because a subscriber may close the socket.
  for (let i = 2; i < list.length; i += 3) if (list[i]) diagnostics.messageDropped(state, list[i]);
}

/**
 * Emits 'drain', or leaves that to onTurnEnd if messages failed in this turn: a writer that waits for 'drain' must get the
 * error first. A broken connection emits 'error' instead.
 * @param {any} state
 * @param {any} detail
 */
function queueDrained(state, detail) {
  if (state.broken !== undefined) return;
  if (!state.turnEnds) drained(state, detail);
  else if (state.drains === undefined) state.drains = [detail];
  else state.drains.push(detail);
}

/** Kind.onTurnEnd: reports what failed in this turn without a callback, then emits 'drain'. @param {any} state */
function onTurnEnd(state) {
  const { failure, failedMessages, drains = [] } = state;
  state.failure = undefined;
  state.failedMessages = 0;
  state.drains = undefined;
  try {
    if (failure !== undefined) {
      const err = state.broken || failure;
      if (err.messages === undefined) err.messages = failedMessages;
      if (state.broken === undefined) emitError(state, failure);
      else connectionBroke(state);
    }
  } finally {
    if (state.broken === undefined) {
      for (const detail of drains) drained(state, detail);
      drainEmpty(state);
    }
  }
}

module.exports = { onSocketEvent, onTurnEnd };
