'use strict';
// Handles the events that the binary emits for a socket.

const { emitClose, runEndCallbacks } = require('./close');
const { connectionFailed } = require('./connection');
const { Event } = require('./constants');
const diagnostics = require('./diagnostics');
const { discardUnread } = require('./receive');
const { completeMessage } = require('./send_callbacks');
const { drained } = require('./send_results');

/** @param {any} state @param {number} event @param {any} detail */
function onSocketEvent(state, event, detail) {
  switch (event) {
    case Event.SENT:
      messagesCompleted(state, detail);
      break;
    case Event.DRAINED:
      drained(state, detail);
      break;
    case Event.ERROR:
      if (state.kind.dgram) state.emitter.emit('error', detail);
      else connectionFailed(state, detail);
      break;
    case Event.CLOSE:
      emitClose(state);
      break;
    case Event.END:
      state.ended = true;
      state.emitter.emit('end');
      break;
    case Event.SHUTDOWN:
      state.writeShut = true;
      runEndCallbacks(state, null);
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

module.exports = { onSocketEvent };
