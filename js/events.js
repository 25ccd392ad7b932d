'use strict';
// What comes from the binary beside messages: kinds of events, errors of system calls, names.

const environment = require('./environment');

/** Kinds of events, as src/watched.rs lists them. */
const Event = Object.freeze({
  END: 1,
  ERROR: 2,
  CLOSE: 3,
  SENT: 4,
  DRAINED: 5,
  SHUTDOWN: 6,
  PEER_ENDED: 7,
  RETRY: 8,
  CONNECTION: 9,
});

/**
 * @param {number} errno positive
 * @param {string} syscall
 * @param {Uint8Array} [path]
 * @returns {import('../index').SystemError}
 */
function systemError(errno, syscall, path) {
  return environment.get().systemError(errno, syscall, path);
}

/** @param {Uint8Array} bytes @returns {string} */
function nameOf(bytes) {
  return bytes.length === 0 ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

module.exports = { Event, nameOf, systemError };
