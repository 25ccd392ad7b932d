'use strict';

const { destroyOnAbort } = require('./abort_signal');
const { SocketState } = require('./state');
const { openEnvironment } = require('./upcalls');

/**
 * Opens a socket, which then needs its public object. Leaves nothing open if it throws.
 * @param {import('./state').Kind} kind
 * @param {import('./options').SocketSettings} options
 * @param {(state: any) => void} [open] gives it its descriptor; by default a new one, or the one of the options
 * @returns {any} its state
 */
function openSocket(kind, options, open) {
  const state = /** @type {any} */ (new SocketState(openEnvironment(), kind, options));
  const { fd, signal } = options;
  try {
    // Before there is a descriptor, because addEventListener may throw.
    if (signal !== undefined) state.removeAbortListener = destroyOnAbort(state, signal);
    if (open !== undefined) open(state);
    else if (fd < 0) state.create();
    else state.adopt(fd);
  } catch (err) {
    // No event follows, not even if the signal is aborted later.
    state.closed = true;
    state.closeEmitted = true;
    state.lastError = undefined;
    if (state.removeAbortListener !== undefined) state.removeAbortListener();
    throw err;
  }
  state.hotKey = state.key;
  state.connected = !kind.dgram && (open !== undefined || fd >= 0);
  state.readable = kind.dgram || state.connected;
  return state;
}

module.exports = { openSocket };
