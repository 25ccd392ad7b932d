'use strict';
// Destinations of a datagram socket. The binary knows them by ids, so that each name crosses to it once.

const { isWaiting, moveCallbacks } = require('./send_callbacks');
const { expectDrain, expectsDrain } = require('./send_results');
const { path: checkPath } = require('./validate');

/** Ids that a socket uses in turn; more while callbacks of more destinations wait. */
const MAX_IDS = 64;

class Destinations {
  constructor() {
    /** Ids by the strings that the user gave. @type {Map<unknown, number>} */
    this.byString = new Map();
    /** Ids by the bytes of the names. @type {Map<string, number>} */
    this.byBytes = new Map();
    /** What each id stands for; there is no id 0. @type {Array<{ string: string | undefined, bytes: string } | undefined>} */
    this.entries = [undefined];
    this.nextIndex = 0;
  }

  /** @param {any} state @returns {number} the next id whose old destination nothing refers to any more */
  nextId(state) {
    const count = Math.max(MAX_IDS, this.entries.length - 1);
    for (let i = 0; i < MAX_IDS; i++) {
      const id = (this.nextIndex++ % count) + 1;
      if (!isUsed(state, id)) return id;
    }
    return count + 1;
  }

  /** @param {any} state @param {string} key @param {Buffer} bytes @returns {number} */
  register(state, key, bytes) {
    const id = this.nextId(state);
    const old = this.entries[id];
    if (old !== undefined) {
      this.byBytes.delete(old.bytes);
      if (old.string !== undefined) this.byString.delete(old.string);
    }
    state.registerDestination(id, bytes);
    this.entries[id] = { string: undefined, bytes: key };
    this.byBytes.set(key, id);
    return id;
  }
}

/** @param {any} state @param {number} id @returns {boolean} */
function isUsed(state, id) {
  return isWaiting(state, id) || expectsDrain(state, id) || id === state.peerId || state.queuedBytesTo(id) > 0;
}

/**
 * The id under which messages go on waiting for the connected peer when the socket gets another one. 0 if the peer has no
 * name: such messages fail.
 * @param {any} state
 * @returns {number}
 */
function peerDestination(state) {
  if (state.peerId !== 0 || state.queuedBytesTo(0) === 0) return state.peerId;
  const name = state.remoteAddress();
  return name.length === 0 ? 0 : destinationId(state, name, 'connect');
}

/**
 * Called when the connected peer has changed. `previous` is what peerDestination returned before.
 * @type {(state: any, previous: number, peerId: number) => void}
 */
function changePeer(state, previous, peerId) {
  state.peerId = peerId;
  if (previous === 0) return;
  moveCallbacks(state, 0, previous);
  if (!state.needDrain) return;
  state.needDrain = false;
  expectDrain(state, previous);
}

/**
 * Returns the id of the destination `path`, 0 for the connected peer. An error about `path` mentions `call`.
 * @type {(state: any, path: unknown, call: string) => number}
 */
function destinationId(state, path, call) {
  if (path === undefined || path === null) return 0;
  if (state.destinations === undefined) state.destinations = new Destinations();
  /** @type {Destinations} */
  const destinations = state.destinations;
  const known = destinations.byString.get(path);
  if (known !== undefined) return known;
  const bytes = checkPath(path, 'destPath', call);
  const key = bytes.toString('latin1');
  const id = destinations.byBytes.get(key) || destinations.register(state, key, bytes);
  const entry = /** @type {{ string: string | undefined, bytes: string }} */ (destinations.entries[id]);
  if (typeof path === 'string' && entry.string === undefined) {
    entry.string = path;
    destinations.byString.set(path, id);
  }
  return id;
}

module.exports = { changePeer, destinationId, peerDestination };
