'use strict';
// Checks of arguments. They throw a coded error before anything has happened. The parameters of a check are the value, the
// name of the argument or property, and the name of the call, which the error mentions.

const { types } = require('util');
const { LINUX, MAX_FDS, MAX_INT, MAX_PARTS, MAX_PATH, MAX_READ_SIZE } = require('./constants');
const { badPort, invalidType, invalidValue, outOfRange, received, unavailable } = require('./errors');

/** The engine's getters, which a class of the user's own cannot replace. */
const ofTypedArray = engineGetters(Object.getPrototypeOf(Uint8Array.prototype));
const ofDataView = engineGetters(DataView.prototype);

const VIEW = 'an instance of Buffer, TypedArray, or DataView';

/** @typedef {(value: unknown, name: string, call?: string) => any} Check */

/** @type {(value: unknown, name: string, min: number, max: number, call?: string) => number} */
function integer(value, name, min, max, call) {
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value, call);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value, call);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value, call);
  return value;
}

/** @param {number} max @returns {Check} of integers from 0 */
function upTo(max) {
  return (value, name, call) => integer(value, name, 0, max, call);
}

const int = upTo(MAX_INT);

/** @type {(value: unknown, name: string, call?: string) => boolean} */
function boolean(value, name, call) {
  if (typeof value !== 'boolean') throw invalidType(name, 'of type boolean', value, call);
  return value;
}

/** @param {string[]} values @returns {Check} */
function oneOf(...values) {
  return (value, name, call) => {
    if (values.includes(/** @type {any} */ (value))) return value;
    const list = values.map((each) => `'${each}'`).join(' or ');
    throw invalidValue(name, `must be ${list}. ${received(value)}`, call);
  };
}

/** Returns undefined for null. @param {unknown} value @param {string} [call] @returns {any} */
function callback(value, call) {
  if (value !== undefined && value !== null && typeof value !== 'function') {
    throw invalidType('callback', 'of type function', value, call);
  }
  return value === null ? undefined : value;
}

/** Throws if an argument follows a callback. @type {(call: string, next: unknown, afterNext?: unknown) => void} */
function callbackIsLast(call, next, afterNext) {
  const extra = either(next, afterNext);
  if (extra !== undefined && extra !== null) {
    throw invalidValue('callback', `must be the last argument. ${received(extra)} after it`, call);
  }
}

/** Whether `value` can be an options object. A misplaced message or list cannot. @param {unknown} value @returns {boolean} */
function isOptions(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** @type {(value: unknown, name: string, call?: string) => any} */
function object(value, name, call) {
  if (!isOptions(value)) throw invalidType(name, 'of type object', value, call);
  return value;
}

/** Returns the bytes of the name of a socket. @type {(value: unknown, name?: string, call?: string) => Buffer} */
function path(value, name = 'path', call) {
  let bytes;
  if (typeof value === 'string') bytes = Buffer.from(value);
  else if (types.isUint8Array(value))
    bytes = Buffer.from(bytesOf(value)); // may be of another realm
  else throw invalidType(name, 'of type string or an instance of Buffer', value, call);
  if (bytes.length === 0) throw invalidValue(name, 'must not be empty', call);
  if (bytes.length > MAX_PATH) {
    // Programs for 0.2.7 look for its words.
    const words = call === 'bind' || call === 'listen' ? ': path to bind is too long' : '';
    throw invalidValue(name, `must be at most ${MAX_PATH} bytes. Received ${bytes.length} bytes${words}`, call);
  }
  if (bytes[0] !== 0) {
    if (bytes.includes(0)) throw invalidValue(name, 'must be a path without null bytes', call);
  } else if (!LINUX) {
    throw unavailable('abstract socket names');
  }
  return bytes;
}

/** @type {(value: unknown, name?: string, call?: string) => NodeJS.ArrayBufferView} */
function view(value, name = 'buf', call) {
  if (!ArrayBuffer.isView(value)) throw invalidType(name, VIEW, value, call);
  return /** @type {NodeJS.ArrayBufferView} */ (value);
}

/** Returns the message, or its parts. @type {(value: unknown, call?: string) => NodeJS.ArrayBufferView | NodeJS.ArrayBufferView[]} */
function message(value, call) {
  if (typeof value === 'string') return Buffer.from(value);
  if (ArrayBuffer.isView(value)) return /** @type {NodeJS.ArrayBufferView} */ (value);
  if (!Array.isArray(value)) {
    throw invalidType('msg', `of type string, ${VIEW}, or an array`, value, call);
  }
  // Array.from also passes the holes of an array.
  const parts = Array.from(value, (part, index) =>
    typeof part === 'string' ? Buffer.from(part) : view(part, `msg[${index}]`, call),
  );
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

/**
 * Throws if a slice of something else than a view is asked for.
 * @type {(msg: unknown, offset: unknown, length: unknown, call: string) => void}
 */
function sliceOfView(msg, offset, length, call) {
  const given = either(offset, length);
  if (given === undefined || given === null) return;
  if (typeof given !== 'number') throw invalidType('offset', 'of type number, function or object', given, call);
  if (!ArrayBuffer.isView(msg)) throw invalidType('msg', `${VIEW} if an offset or a length is given`, msg, call);
}

/** @type {Check} */
function port(value, name, call) {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 65535) {
    throw badPort(name, value, call);
  }
  return value;
}

/** @type {Check} */
function host(value, name, call) {
  if (typeof value === 'string' && require('net').isIP(value)) return value;
  throw invalidValue(name, `must be an IP address: invalid host. ${received(value)}`, call);
}

/** @type {Check} */
function signal(value, name, call) {
  const given = /** @type {any} */ (object(value, name, call));
  if (typeof given.aborted !== 'boolean' || typeof given.addEventListener !== 'function') {
    throw invalidType(name, 'an instance of AbortSignal', value, call);
  }
  return given;
}

/** @type {<T>(value: T | null | undefined, fallback: T) => T} */
function either(value, fallback) {
  return value === undefined || value === null ? fallback : value;
}

/** @type {Check} */
function bytesOrInfinity(value, name, call) {
  return value === Infinity ? Infinity : integer(value, name, 0, Number.MAX_SAFE_INTEGER, call);
}

/** @type {Check} */
function countOrInfinity(value, name, call) {
  return value === Infinity ? Infinity : integer(value, name, 0, MAX_INT, call);
}

/** @type {(value: unknown, name?: string, call?: string) => number} */
function readSize(value, name = 'size', call) {
  return integer(value, name, 1, MAX_READ_SIZE, call);
}

/** Returns the descriptors to send. @type {Check} */
function descriptors(value, name, call) {
  if (!Array.isArray(value)) throw invalidType(name, 'an instance of Array', value, call);
  if (value.length > MAX_FDS) throw outOfRange(`${name}.length`, `<= ${MAX_FDS}`, value.length, call);
  return Array.from(value, (fd, index) => int(fd, `${name}[${index}]`, call));
}

module.exports = {
  boolean,
  bytesOf,
  bytesOrInfinity,
  callback,
  callbackIsLast,
  countOrInfinity,
  descriptors,
  either,
  host,
  int,
  integer,
  isOptions,
  message,
  object,
  ofTypedArray,
  oneOf,
  path,
  port,
  readSize,
  signal,
  sliceOfView,
  upTo,
  view,
};
