'use strict';

const { destroyOnAbort } = require('./abort_signal');
const diagnostics = require('./diagnostics');
const { SocketState } = require('./state');
const { openEnvironment } = require('./upcalls');

/** Gives a socket a new descriptor, or the one of its options. @type {(state: any, options: any) => number} */
function createOrAdopt(state, { fd }) {
  return fd < 0 ? state.create() : state.adopt(fd);
}

/**
 * The opening of a socket, which the constructor of its class carries out. Everything that can fail comes before the
 * socket has a descriptor.
 */
class Opening {
  /**
   * @param {import('./state').Kind} kind
   * @param {import('./options').SocketSettings} options
   * @param {(state: any, options: any) => number} [open] gives the socket its descriptor, and returns its key
   */
  constructor(kind, options, open = createOrAdopt) {
    /** The state of the socket, without a descriptor. */
    this.state = /** @type {any} */ (new SocketState(openEnvironment(), kind, options));
    this.options = options;
    this.open = open;
  }

  /** Opens the socket, which has its public object already. Leaves nothing open if it throws. */
  run() {
    const { state, options } = this;
    const { kind } = state;
    try {
      // Before there is a descriptor, because addEventListener may throw.
      if (options.signal !== undefined) state.removeAbortListener = destroyOnAbort(state, options.signal);
      state.hotKey = this.open(state, options);
    } catch (err) {
      abandon(state);
      throw err;
    }
    state.connected = !kind.dgram && (this.open !== createOrAdopt || options.fd >= 0);
    state.readable = kind.dgram || state.connected;
    diagnostics.created(state);
  }
}

/** Ends a socket whose constructor throws. No event follows, not even if its signal is aborted later. @param {any} state */
function abandon(state) {
  state.closed = true;
  state.closeEmitted = true;
  state.lastError = undefined;
  state.close();
  state.resource.emitDestroy();
  if (state.removeAbortListener !== undefined) state.removeAbortListener(); // last, because it may throw
}

module.exports = { Opening };
