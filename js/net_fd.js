'use strict';

const { coded, invalidType, invalidValue } = require('./errors');

/**
 * Returns the descriptor of a socket or server of net. Node.js has no public property for it, so this reads `_handle.fd`,
 * which every version since 0.10 has.
 * @param {any} socket
 * @returns {number}
 */
function getFd(socket) {
  const { Server, Socket } = require('net');
  if (!(socket instanceof Socket) && !(socket instanceof Server)) {
    throw invalidType('socket', 'an instance of net.Socket or net.Server', socket);
  }
  const { _handle: handle, encrypted } = /** @type {any} */ (socket);
  if (encrypted) throw invalidValue('socket', 'must not be a TLS connection, whose keys are in this process');
  const fd = handle ? handle.fd : undefined;
  if (Number.isInteger(fd) && fd >= 0) return fd;
  throw coded(
    Error,
    'ERR_SOCKET_CLOSED',
    'The socket has no descriptor: it is closed, or not connected or listening yet',
  );
}

module.exports = { getFd };
