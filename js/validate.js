'use strict';
// Checks of arguments: a coded error before anything happens. Options are read once, here: a getter that throws
// throws before anything happened, too.

const { types } = require('util');
const { badPort, invalidType, invalidValue, outOfRange, unavailable } = require('./errors');

const LINUX = process.platform === 'linux' || process.platform === 'android';
const MAX_PATH = LINUX ? 108 : 104;
const MAX_INT = 0x7fffffff;
const MAX_FDS = 253;
/** iovecs of one sendmsg(2) (IOV_MAX) */
const MAX_PARTS = 1024;
const ofTypedArray = engineGetters(Object.getPrototypeOf(Uint8Array.prototype));
const ofDataView = engineGetters(DataView.prototype);

/**
 * @param {unknown} value
 * @param {string} name
 * @param {number} min
 * @param {number} max
 * @returns {number}
 */
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

/** @param {unknown} value @param {string} [name] @returns {Buffer} the bytes of a socket's name */
function path(value, name = 'path') {
  let bytes;
  if (typeof value === 'string') bytes = Buffer.from(value);
  else if (types.isUint8Array(value))
    bytes = Buffer.from(bytesOf(value)); // of any realm
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

/**
 * @param {unknown} value
 * @returns {NodeJS.ArrayBufferView | NodeJS.ArrayBufferView[]} the message, or its parts
 */
function message(value) {
  if (!Array.isArray(value)) {
    if (typeof value !== 'string' && !ArrayBuffer.isView(value)) {
      throw invalidType('msg', 'of type string, an instance of Buffer, TypedArray, or DataView, or an array', value);
    }
    return part(value);
  }
  // Array.from: holes are seen, too.
  const parts = Array.from(value, part);
  if (parts.length === 1) return parts[0];
  return parts.length <= MAX_PARTS ? parts : Buffer.concat(parts.map(bytesOf));
}

/**
 * All of a view, whatever its own class says of it.
 * @param {any} of
 */
function bytesOf(of) {
  const { buffer, byteOffset, byteLength } = types.isDataView(of) ? ofDataView : ofTypedArray;
  const length = byteLength.call(of);
  return length === 0 ? new Uint8Array(0) : new Uint8Array(buffer.call(of), byteOffset.call(of), length);
}

/** @param {object} prototype @returns {any} what the engine says of a view */
function engineGetters(prototype) {
  const get = (/** @type {string} */ name) => /** @type {any} */ (Object.getOwnPropertyDescriptor(prototype, name)).get;
  return { buffer: get('buffer'), byteOffset: get('byteOffset'), byteLength: get('byteLength') };
}

/** Only a view has slices. @param {unknown} msg @param {unknown} offset @param {unknown} length */
function sliceOfView(msg, offset, length) {
  if ((offset !== undefined && offset !== null) || (length !== undefined && length !== null)) view(msg);
}

/** @param {any} options @returns {number[]} the descriptors to pass */
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

/**
 * @template T
 * @param {T | null | undefined} value
 * @param {T} fallback
 * @returns {T}
 */
function either(value, fallback) {
  return value === undefined || value === null ? fallback : value;
}

/** @param {unknown} value @param {number} fallback @param {string} name */
function bytesOrInfinity(value, fallback, name) {
  if (value === undefined || value === null) return fallback;
  return value === Infinity ? Infinity : integer(value, name, 0, Number.MAX_SAFE_INTEGER);
}

/** Largest message buffer: more cannot be asked of the kernel. */
const MAX_READ = 1 << 30;

/** @param {unknown} value @param {string} [name] */
function readSize(value, name = 'size') {
  return integer(value, name, 1, MAX_READ);
}

/**
 * SocketOptions, read once and checked.
 * @param {any} [options]
 */
function socketOptions(options) {
  const given = either(options, {});
  const { fd, readBufferSize, writableHighWaterMark, maxQueuedBytes, receiveFds, receiveCredentials, paused } = given;
  const abort = given.signal;
  const checked = {
    fd: fd === undefined || fd === null ? -1 : integer(fd, 'options.fd', 0, MAX_INT),
    readSize: readSize(either(readBufferSize, 262144), 'options.readBufferSize'),
    highWaterMark: bytesOrInfinity(writableHighWaterMark, 65536, 'options.writableHighWaterMark'),
    maxQueued: bytesOrInfinity(maxQueuedBytes, Infinity, 'options.maxQueuedBytes'),
    receiveFds: boolean(either(receiveFds, false), 'options.receiveFds'),
    receiveCredentials: boolean(either(receiveCredentials, false), 'options.receiveCredentials'),
    paused: boolean(either(paused, false), 'options.paused'),
    signal: signal(abort, 'options.signal'),
  };
  if (checked.receiveCredentials && !LINUX) throw unavailable('receiveCredentials');
  return checked;
}

/**
 * BindOptions, read once and checked.
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
  LINUX,
  MAX_INT,
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
