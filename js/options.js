'use strict';
// The options objects of all calls: names, defaults and checks. Each option is read once, here, so a getter that throws has
// no other effect.

const { LINUX } = require('./constants');
const { invalidValue, unavailable } = require('./errors');
const { refuseMistakes } = require('./option_names');
const {
  boolean,
  bytesOrInfinity,
  countOrInfinity,
  descriptors,
  either,
  host,
  int,
  isOptions,
  object,
  oneOf,
  path,
  port,
  readSize,
  signal,
  upTo,
} = require('./validate');

/** @typedef {import('./validate').Check} Check */

/** Microseconds. */
const MAX_BUSY_POLL = 1000;
/** Milliseconds. */
const CONNECT_TIMEOUT = 10000;
/** @type {number[]} */
const NO_FDS = [];

/** Names of options, with their defaults and checks. @typedef {{ [name: string]: [any, Check] }} Options */

/**
 * SocketOptions as the state of a socket has them. `fd` is -1 if there is none to adopt.
 * @typedef {object} SocketSettings
 * @property {number} fd
 * @property {number} readSize
 * @property {number} highWaterMark
 * @property {number} maxQueued
 * @property {boolean} receiveFds
 * @property {boolean} receiveCredentials
 * @property {boolean} paused
 * @property {any} signal
 * @property {number} busyPoll
 * @property {boolean} allowHalfOpen
 */

/** @type {Options} */
const ACCEPTED = {
  readBufferSize: [262144, readSize],
  writableHighWaterMark: [65536, bytesOrInfinity],
  maxQueuedBytes: [Infinity, bytesOrInfinity],
  receiveFds: [false, boolean],
  receiveCredentials: [false, boolean],
  paused: [false, boolean],
  signal: [undefined, signal],
  busyPoll: [0, upTo(MAX_BUSY_POLL)],
  allowHalfOpen: [true, boolean],
};
/** @type {Options} */
const SOCKET = Object.assign({ fd: [-1, int] }, ACCEPTED);
/** @type {Options} */
const SEND = { fds: [NO_FDS, descriptors] };
/** @type {Options} */
const BIND = { mode: [undefined, upTo(0o7777)], unlinkStale: [false, boolean], unlinkOnClose: [false, boolean] };
/** @type {Options} */
const LISTEN = Object.assign({}, BIND, {
  path: [undefined, path],
  fd: [undefined, int],
  backlog: [511, int],
  socket: [undefined, acceptedOptions],
  signal: [undefined, signal],
});
/** @type {Options} */
const CONNECT = { path: [undefined, path], timeout: [CONNECT_TIMEOUT, int], signal: [undefined, signal] };
/** @type {Options} */
const SERVER = { maxConnections: [Infinity, countOrInfinity] };
/** @type {Options} */
const REUSEPORT_FD = { type: ['tcp', oneOf('tcp', 'udp')], ipv6Only: [false, boolean] };
/** @type {Options} */
const REUSEPORT = {
  port: [undefined, port],
  host: ['0.0.0.0', host],
  backlog: [511, int],
  ipv6Only: [false, boolean],
};
/**
 * Which calls take an option, for the error about an option of another call. Names that other libraries use as well are
 * left out, because programs pass one object to several calls.
 * @type {Array<[string, Options]>}
 */
const PLACES = [
  ['new DgramSocket() and new SeqpacketSocket()', SOCKET],
  ['bind()', BIND],
  ['listen()', LISTEN],
  ['new SeqpacketServer()', SERVER],
];
const COMMON_NAMES = ['fd', 'path', 'signal', 'socket'];

/** @param {string} name @returns {string[]} the calls with this option, none for a common name */
function callsWith(name) {
  if (COMMON_NAMES.includes(name)) return [];
  return PLACES.filter(([, options]) => Object.keys(options).includes(name)).map(([calls]) => calls);
}

/**
 * Reads each of the options once, and checks it. null stands for the default, as undefined does.
 * @type {(given: unknown, options: Options, call?: string, name?: string) => any}
 */
function readOptions(given, options, call, name = 'options') {
  const source = object(given, name, call);
  const names = Object.keys(options);
  refuseMistakes(source, names, name, call, callsWith);
  /** @type {{ [name: string]: any }} */
  const checked = {};
  for (const key of names) {
    const [fallback, check] = options[key];
    const value = source[key];
    checked[key] = value === undefined || value === null ? fallback : check(value, `${name}.${key}`, call);
  }
  return checked;
}

/**
 * Reads SocketOptions, or those for the sockets that a server accepts.
 * @type {(given: unknown, options: Options, call?: string, name?: string) => SocketSettings}
 */
function readSocketOptions(given, options, call, name) {
  const {
    fd = -1,
    readBufferSize,
    writableHighWaterMark,
    maxQueuedBytes,
    ...rest
  } = readOptions(given, options, call, name);
  if (rest.receiveCredentials && !LINUX) throw unavailable('receiveCredentials');
  const sizes = { readSize: readBufferSize, highWaterMark: writableHighWaterMark, maxQueued: maxQueuedBytes };
  return Object.assign({ fd }, sizes, rest);
}

const SOCKET_DEFAULTS = Object.freeze(readSocketOptions({}, SOCKET));

/** SocketOptions. @param {unknown} [options] @param {string} [call] */
function socketOptions(options, call) {
  return options === undefined || options === null ? SOCKET_DEFAULTS : readSocketOptions(options, SOCKET, call);
}

/** Options of sockets that a server accepts. @type {Check} */
function acceptedOptions(value, name, call) {
  return readSocketOptions(value, ACCEPTED, call, name);
}

/** SendOptions. @param {unknown} options @param {string} [call] @returns {number[]} the descriptors to send */
function sendOptions(options, call) {
  return options === undefined || options === null ? NO_FDS : readOptions(options, SEND, call).fds;
}

/** BindOptions. @param {unknown} [options] @param {string} [call] */
function bindOptions(options, call = 'bind') {
  return readOptions(either(options, {}), BIND, call);
}

/** ListenOptions. @param {unknown} options */
function listenOptions(options) {
  const checked = readOptions(options, LISTEN, 'listen');
  if ((checked.path === undefined) === (checked.fd === undefined)) {
    throw invalidValue('options', 'must have either a path or an fd', 'listen');
  }
  return checked;
}

/** ConnectOptions, or a path. @param {unknown} target @returns {{ path: any, timeout: number, signal: any }} */
function connectOptions(target) {
  if (!isOptions(target)) return { path: path(target, 'path', 'connect'), timeout: CONNECT_TIMEOUT, signal: undefined };
  const checked = readOptions(target, CONNECT, 'connect');
  if (checked.path === undefined) path(undefined, 'options.path', 'connect');
  return checked;
}

/** Options of createReuseportFd. @param {unknown} options */
function reuseportFdOptions(options) {
  return readOptions(options, REUSEPORT_FD, 'createReuseportFd');
}

/** ListenReuseportOptions. @param {unknown} options */
function reuseportOptions(options) {
  const checked = readOptions(options, REUSEPORT, 'listenReuseport');
  port(checked.port, 'options.port', 'listenReuseport');
  return checked;
}

/** Options of SeqpacketServer. @param {unknown} options */
function serverOptions(options) {
  return readOptions(options, SERVER, 'new SeqpacketServer');
}

module.exports = {
  acceptedOptions,
  bindOptions,
  connectOptions,
  listenOptions,
  reuseportFdOptions,
  reuseportOptions,
  sendOptions,
  serverOptions,
  socketOptions,
};
