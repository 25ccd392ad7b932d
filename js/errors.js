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

/** @param {object} value @returns {string} */
function describeObject(value) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype.constructor.name !== 'Object') {
    return `an instance of ${String(prototype.constructor.name).slice(0, 28)}`;
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an empty object';
  const shown = keys.slice(0, 3).map((key) => JSON.stringify(key.slice(0, 28)));
  return `an object with the ${keys.length === 1 ? 'key' : 'keys'} ${shown.join(', ')}${keys.length > 3 ? ', ...' : ''}`;
}

/** @param {unknown} value @returns {string} */
function received(value) {
  if (value === null || value === undefined) return `Received ${value}`;
  if (typeof value === 'function') return 'Received a function';
  if (typeof value !== 'object') return `Received type ${typeof value} (${String(value).slice(0, 28)})`;
  try {
    return `Received ${describeObject(/** @type {object} */ (value))}`;
  } catch (_err) {
    return 'Received an object'; // A Proxy or a getter threw.
  }
}

/**
 * @param {string} name of an argument, or of a property of an argument, such as 'options.mode'
 * @param {string} [call] the function or method it belongs to
 */
function subject(name, call) {
  return `The "${name}" ${name.includes('.') ? 'property' : 'argument'}${call === undefined ? '' : ` of ${call}()`}`;
}

/** @type {(name: string, expected: string, value: unknown, call?: string) => CodedError} */
function invalidType(name, expected, value, call) {
  const message = `${subject(name, call)} must be ${expected}. ${received(value)}`;
  return coded(TypeError, 'ERR_INVALID_ARG_TYPE', message);
}

/** @type {(name: string, reason: string, call?: string) => CodedError} */
function invalidValue(name, reason, call) {
  return coded(TypeError, 'ERR_INVALID_ARG_VALUE', `${subject(name, call)} ${reason}`);
}

/** @type {(name: string, range: string, value: unknown, call?: string) => CodedError} */
function outOfRange(name, range, value, call) {
  const message = `${subject(name, call)} is out of range. It must be ${range}. ${received(value)}`;
  return coded(RangeError, 'ERR_OUT_OF_RANGE', message);
}

/** @type {(name: string, value: unknown, call?: string) => CodedError} */
function badPort(name, value, call) {
  const message = `${subject(name, call)} must be an integer >= 0 and < 65536. ${received(value)}`;
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

/** The message is that of Node.js. */
function alreadyListening() {
  return coded(Error, 'ERR_SERVER_ALREADY_LISTEN', 'Listen method has been called more than once without closing.');
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
  alreadyListening,
  badPort,
  coded,
  invalidThis,
  invalidType,
  invalidValue,
  messageTruncated,
  outOfRange,
  received,
  socketClosed,
  unavailable,
};
