'use strict';
// Checks of arguments. They throw a coded error before anything has happened. Options are read once, here, so a getter that
// throws has no other effect either.

const { types } = require('util');
const { LINUX, MAX_FDS, MAX_INT, MAX_PARTS, MAX_PATH, MAX_READ_SIZE } = require('./constants');
const { badPort, invalidType, invalidValue, outOfRange, unavailable } = require('./errors');

/** The engine's getters, which a class of the user's own cannot replace. */
const ofTypedArray = engineGetters(Object.getPrototypeOf(Uint8Array.prototype));
const ofDataView = engineGetters(DataView.prototype);

/** @type {(value: unknown, name: string, min: number, max: number) => number} */
function integer(value, name, min, max) {
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
  return value;
}

/** @param {unknown} value @param {string} name @returns {boolean} */
function boolean(value, name) {
  if (typeof value !== 'boolean') throw invalidType(name, 'of type boolean', value);
  return value;
}

/** @param {unknown} value @param {string} [name] @returns {any} */
function callback(value, name = 'callback') {
  if (value !== undefined && value !== null && typeof value !== 'function') {
    throw invalidType(name, 'of type function', value);
  }
  return value === null ? undefined : value;
}

/** @param {unknown} value @param {string} name @returns {any} */
function object(value, name) {
  if (typeof value !== 'object' || value === null) throw invalidType(name, 'of type object', value);
  return value;
}

/** @param {unknown} value @param {string} [name] @returns {Buffer} the bytes of the name of a socket */
function path(value, name = 'path') {
  let bytes;
  if (typeof value === 'string') bytes = Buffer.from(value);
  else if (types.isUint8Array(value))
    bytes = Buffer.from(bytesOf(value)); // may be of another realm
  else throw invalidType(name, 'of type string or an instance of Buffer', value);
  if (bytes.length === 0) throw invalidValue(name, 'must not be empty');
  if (bytes.length > MAX_PATH) {
    throw invalidValue(name, `must be at most ${MAX_PATH} bytes: path to bind is too long`);
  }
  if (bytes[0] !== 0) {
    if (bytes.includes(0)) throw invalidValue(name, 'must be a path without null bytes');
  } else if (!LINUX) {
    throw unavailable('abstract socket names');
  }
  return bytes;
}

/** @param {unknown} value @param {string} [name] @returns {NodeJS.ArrayBufferView} */
function view(value, name = 'buf') {
  if (!ArrayBuffer.isView(value)) throw invalidType(name, 'an instance of Buffer, TypedArray, or DataView', value);
  return /** @type {NodeJS.ArrayBufferView} */ (value);
}

/** @param {unknown} value @returns {NodeJS.ArrayBufferView} */
function part(value) {
  return typeof value === 'string' ? Buffer.from(value) : view(value, 'msg');
}

/** Returns the message, or its parts. @type {(value: unknown) => NodeJS.ArrayBufferView | NodeJS.ArrayBufferView[]} */
function message(value) {
  if (!Array.isArray(value)) {
    if (typeof value !== 'string' && !ArrayBuffer.isView(value)) {
      throw invalidType('msg', 'of type string, an instance of Buffer, TypedArray, or DataView, or an array', value);
    }
    return part(value);
  }
  // Array.from also passes the holes of an array to `part`.
  const parts = Array.from(value, part);
  if (parts.length === 1) return parts[0];
  return parts.length <= MAX_PARTS ? parts : Buffer.concat(parts.map(bytesOf));
}

/**
 * All bytes of a view, even if its own class claims more or less.
 * @param {any} given
 */
function bytesOf(given) {
  const { buffer, byteOffset, byteLength } = types.isDataView(given) ? ofDataView : ofTypedArray;
  const length = byteLength.call(given);
  return length === 0 ? new Uint8Array(0) : new Uint8Array(buffer.call(given), byteOffset.call(given), length);
}

/** @param {object} prototype @returns {any} */
function engineGetters(prototype) {
  const get = (/** @type {string} */ name) => /** @type {any} */ (Object.getOwnPropertyDescriptor(prototype, name)).get;
  return { buffer: get('buffer'), byteOffset: get('byteOffset'), byteLength: get('byteLength') };
}

/** Throws if a slice of something else than a view is asked for. @param {unknown} msg @param {unknown} offset @param {unknown} length */
function sliceOfView(msg, offset, length) {
  if ((offset !== undefined && offset !== null) || (length !== undefined && length !== null)) view(msg);
}

/** @param {any} options @returns {number[]} the descriptors to send */
function sendOptions(options) {
  if (options === undefined || options === null) return [];
  const value = object(options, 'options').fds;
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidType('options.fds', 'an instance of Array', value);
  if (value.length > MAX_FDS) throw outOfRange('options.fds.length', `<= ${MAX_FDS}`, value.length);
  return Array.from(value, (fd, index) => integer(fd, `options.fds[${index}]`, 0, MAX_INT));
}

/** @param {unknown} value @returns {number} */
function port(value) {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 65535) throw badPort(value);
  return value;
}

/** @param {any} value @param {string} name @returns {any} */
function signal(value, name) {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || typeof value.aborted !== 'boolean' || typeof value.addEventListener !== 'function') {
    throw invalidType(name, 'an instance of AbortSignal', value);
  }
  return value;
}

/** @type {<T>(value: T | null | undefined, fallback: T) => T} */
function either(value, fallback) {
  return value === undefined || value === null ? fallback : value;
}

/** @param {unknown} value @param {number} fallback @param {string} name */
function bytesOrInfinity(value, fallback, name) {
  if (value === undefined || value === null) return fallback;
  return value === Infinity ? Infinity : integer(value, name, 0, Number.MAX_SAFE_INTEGER);
}

/** @param {unknown} value @param {string} [name] */
function readSize(value, name = 'size') {
  return integer(value, name, 1, MAX_READ_SIZE);
}

/**
 * Reads and checks SocketOptions.
 * @param {any} [options]
 */
function socketOptions(options) {
  const given = either(options, {});
  const { fd, readBufferSize, writableHighWaterMark, maxQueuedBytes, receiveFds, receiveCredentials, paused } = given;
  const { allowHalfOpen, signal: abort } = given;
  const checked = {
    fd: fd === undefined || fd === null ? -1 : integer(fd, 'options.fd', 0, MAX_INT),
    readSize: readSize(either(readBufferSize, 262144), 'options.readBufferSize'),
    highWaterMark: bytesOrInfinity(writableHighWaterMark, 65536, 'options.writableHighWaterMark'),
    maxQueued: bytesOrInfinity(maxQueuedBytes, Infinity, 'options.maxQueuedBytes'),
    receiveFds: boolean(either(receiveFds, false), 'options.receiveFds'),
    receiveCredentials: boolean(either(receiveCredentials, false), 'options.receiveCredentials'),
    paused: boolean(either(paused, false), 'options.paused'),
    allowHalfOpen: boolean(either(allowHalfOpen, true), 'options.allowHalfOpen'),
    signal: signal(abort, 'options.signal'),
  };
  if (checked.receiveCredentials && !LINUX) throw unavailable('receiveCredentials');
  return checked;
}

/**
 * Reads and checks BindOptions.
 * @param {any} [options]
 */
function bindOptions(options) {
  const { mode, unlinkStale, unlinkOnClose } = object(either(options, {}), 'options');
  return {
    mode: mode === undefined || mode === null ? undefined : integer(mode, 'options.mode', 0, 0o7777),
    unlinkStale: boolean(either(unlinkStale, false), 'options.unlinkStale'),
    unlinkOnClose: boolean(either(unlinkOnClose, false), 'options.unlinkOnClose'),
  };
}

module.exports = {
  bindOptions,
  boolean,
  bytesOf,
  callback,
  either,
  integer,
  message,
  object,
  ofTypedArray,
  path,
  port,
  readSize,
  sendOptions,
  signal,
  sliceOfView,
  socketOptions,
  view,
};
