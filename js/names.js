'use strict';

/**
 * The name of a socket as users see it. A name is bytes to the kernel; an abstract one starts with a null byte.
 * @param {Uint8Array} bytes
 * @returns {string}
 */
function nameOf(bytes) {
  return bytes.length === 0 ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

/** The name of an object's class, which the user may have replaced by anything. @param {any} object @param {string} fallback */
function classNameOf(object, fallback) {
  try {
    return String(object.constructor.name || fallback);
  } catch (_err) {
    return fallback;
  }
}

module.exports = { classNameOf, nameOf };
