'use strict';

/**
 * Emits 'error'. If nothing listens and the program has iterated over the socket or server, the next iteration throws the
 * error instead: an error that comes after a loop was left must not be an uncaught exception.
 * @param {any} state
 * @param {any} err
 */
function emitError(state, err) {
  if (!state.iterated || state.emitter.listenerCount('error') > 0) state.emitter.emit('error', err);
  else if (state.heldError === undefined) state.heldError = err;
}

module.exports = { emitError };
