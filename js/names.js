'use strict';

/**
 * The name of a socket as users see it. A name is bytes to the kernel; an abstract one starts with a null byte.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function nameOf(bytes) {
  return bytes.length === 0 ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

module.exports = { nameOf };
