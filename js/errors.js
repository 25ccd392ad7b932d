'use strict';
// Errors that are not of a system call, with the codes of Node's own. The binary makes the errors of system calls.

/** @typedef {Error & { code: string }} CodedError */

/**
 * @param {any} Base class of the error
 * @param {string} code
 * @param {string} message
 * @returns {CodedError}
 */
function coded(Base, code, message) {
  return Object.assign(new Base(message), { code });
}

/** @param {unknown} value @returns {string} */
function received(value) {
  if (value === null || value === undefined) return `Received ${value}`;
  if (typeof value === 'function') return 'Received a function';
  if (typeof value === 'object') return 'Received an object';
  return `Received type ${typeof value} (${String(value).slice(0, 28)})`;
}

/** @param {string} name @param {string} expected @param {unknown} value */
function invalidType(name, expected, value) {
  const message = `The "${name}" argument must be ${expected}. ${received(value)}`;
  return coded(TypeError, 'ERR_INVALID_ARG_TYPE', message);
}

/** @param {string} name @param {string} reason */
function invalidValue(name, reason) {
  return coded(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument "${name}" ${reason}`);
}

/** @param {string} name @param {string} range @param {unknown} value */
function outOfRange(name, range, value) {
  const message = `The value of "${name}" is out of range. It must be ${range}. ${received(value)}`;
  return coded(RangeError, 'ERR_OUT_OF_RANGE', message);
}

/** @param {unknown} port */
function badPort(port) {
  const message = `Port should be an integer >= 0 and < 65536. ${received(port)}`;
  return coded(RangeError, 'ERR_SOCKET_BAD_PORT', message);
}

/** @param {string} className */
function invalidThis(className) {
  return coded(TypeError, 'ERR_INVALID_THIS', `Value of "this" must be of type ${className}`);
}

/** @param {string} message for example 'DgramSocket has been closed' */
function socketClosed(message) {
  return coded(Error, 'ERR_SOCKET_CLOSED', message);
}

/** @param {number} size @param {number} received */
function messageTruncated(size, received) {
  const message = `A message of ${size} bytes was truncated to ${received} bytes, the readBufferSize of the socket`;
  return coded(Error, 'ERR_MESSAGE_TRUNCATED', message);
}

/** @param {string} feature */
function unavailable(feature) {
  const message = `The feature ${feature} is unavailable on the current platform, ${process.platform}`;
  return coded(TypeError, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', message);
}

/** @param {unknown} [cause] */
function aborted(cause) {
  const err = coded(Error, 'ABORT_ERR', 'The operation was aborted');
  err.name = 'AbortError';
  if (cause !== undefined) /** @type {any} */ (err).cause = cause;
  return err;
}

module.exports = {
  aborted,
  badPort,
  coded,
  invalidThis,
  invalidType,
  invalidValue,
  messageTruncated,
  outOfRange,
  socketClosed,
  unavailable,
};
