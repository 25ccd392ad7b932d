'use strict';

/**
 * The values that a parameter accepts. A kind is a function of a value: true if the value must be accepted, false if it
 * must be refused with an error with a code, undefined if either is allowed.
 */
const net = require('node:net');

const EITHER = undefined;

const isAbsent = (value) => value === undefined || value === null;
const isObject = (value) => typeof value === 'object' || typeof value === 'function';

/** Views without memory and proxies of views may be accepted as empty or be refused. */
function view(value) {
  if (!ArrayBuffer.isView(value)) return false;
  return value.buffer.byteLength === 0 || value.buffer.resizable ? EITHER : true;
}

function message(value) {
  if (typeof value === 'string') return true;
  if (!Array.isArray(value)) return view(value);
  const parts = Array.from(value, (part) => typeof part === 'string' || view(part));
  return parts.includes(false) ? false : parts.includes(EITHER) ? EITHER : true;
}

function path(value) {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return false;
  if (value.length === 0 || value.length > 108) return false; // the characters of these values have one byte each
  const bytes = Buffer.from(value);
  return bytes[0] === 0 || !bytes.includes(0);
}

/** Integers from min to max. Greater ones may be accepted or refused, unless they exceed an int. */
const integer = (min, max) => (value) => {
  if (!Number.isInteger(value) || value < min || value > 2 ** 31 - 1) return false;
  return value <= max ? true : EITHER;
};

const within = (min, max) => (value) => Number.isInteger(value) && value >= min && value <= max;

const boolean = (value) => typeof value === 'boolean';
const callback = (value) => typeof value === 'function';
const oneOf =
  (...names) =>
  (value) =>
    names.includes(value);
const signal = (value) => value instanceof AbortSignal;
const anything = () => EITHER;

/** An optional parameter: null and undefined may be accepted or refused. */
const optional = (kind) => withSchema((value) => (isAbsent(value) ? EITHER : kind(value)), kind);

/** A parameter that several overloads share: a value that one of them accepts may be valid. */
const or = (...all) => withSchema((value) => (all.some((kind) => kind(value) !== false) ? EITHER : false), ...all);

const withSchema = (kind, ...from) =>
  Object.assign(kind, { schema: Object.assign({}, ...from.map((of) => of.schema)) });

/** The option fds: an array of descriptors. */
const descriptorList = (value) => {
  if (!Array.isArray(value)) return false;
  return value.length <= 253 && !Array.from(value, descriptor).includes(false) ? EITHER : false;
};

/** An options object of any class whose properties are valid. `schema`: property -> kind. */
const options = (schema) => {
  const properties = Object.entries(schema).map(([name, kind]) => [name, optional(kind)]);
  return withSchema((value) => (isObject(value) ? EITHER : false), { schema: Object.fromEntries(properties) });
};

/** A number that can be a descriptor; the kernel may still refuse it. */
const descriptor = (value) => (within(0, 2 ** 31 - 1)(value) ? EITHER : false);

/** Queue limits in bytes. */
const bytes = (value) => value === Infinity || within(0, Number.MAX_SAFE_INTEGER)(value);

const socket = {
  fd: descriptor,
  readBufferSize: integer(1, 2 ** 20),
  writableHighWaterMark: bytes,
  maxQueuedBytes: bytes,
  receiveFds: boolean,
  receiveCredentials: boolean,
  paused: boolean,
  signal,
  busyPoll: within(0, 1000),
  allowHalfOpen: boolean,
};
const { fd: _, ...socketOfPair } = socket;
const { signal: __, ...socketOfServer } = socketOfPair;

const maxConnections = (value) => value === Infinity || (within(0, 2 ** 53)(value) ? EITHER : false);

const bind = { mode: integer(0, 0o777), unlinkStale: boolean, unlinkOnClose: boolean };

module.exports = {
  EITHER,
  anything,
  bindOptions: options(bind),
  boolean,
  bufferSize: integer(1, 2 ** 20),
  callback,
  connectOptions: options({ path, timeout: integer(0, 2 ** 20), signal }),
  isObject,
  listenOptions: options({
    ...bind,
    path,
    fd: descriptor,
    backlog: integer(0, 2 ** 20),
    socket: options(socketOfServer),
    signal,
  }),
  count: integer(0, 2 ** 20),
  descriptor,
  duplexOptions: options({ bytes: boolean }),
  serverOptions: options({ maxConnections }),
  netSocket: (value) => (value instanceof net.Socket || value instanceof net.Server ? EITHER : false),
  netServer: (value) => value instanceof net.Server,
  message,
  oneOf,
  optional,
  options,
  or,
  pairOptions: options(socketOfPair),
  path,
  port: within(0, 65535),
  reuseportOptions: options({ type: oneOf('tcp', 'udp'), ipv6Only: boolean }),
  listenReuseportOptions: options({
    port: within(0, 65535),
    host: oneOf('127.0.0.1'),
    backlog: integer(0, 2 ** 20),
    ipv6Only: boolean,
  }),
  sendOptions: options({ fds: descriptorList }),
  offset: (value) => (value === 0 ? true : descriptor(value)), // the maximum depends on the length
  length: within(0, 4),
  socketOptions: options(socket),
  view,
};
