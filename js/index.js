'use strict';
// The exports are loaded when they are first used. A missing binary is reported at once.

require('./binding');
require('./timers'); // Takes the functions before a test runner replaces them.

/** @typedef {typeof import('../index')} Library */
/** @type {any} */
const unloaded = undefined;

// Node.js and bundlers find the names for named imports in these assignments.
/** @type {Library['DgramSocket']} */
exports.DgramSocket = unloaded;
/** @type {Library['SeqpacketServer']} */
exports.SeqpacketServer = unloaded;
/** @type {Library['SeqpacketSocket']} */
exports.SeqpacketSocket = unloaded;
/** @type {Library['closeFd']} */
exports.closeFd = unloaded;
/** @type {Library['createReuseportFd']} */
exports.createReuseportFd = unloaded;
/** @type {Library['createSocketPair']} */
exports.createSocketPair = unloaded;
/** @type {Library['getFd']} */
exports.getFd = unloaded;
/** @type {Library['listenReuseport']} */
exports.listenReuseport = unloaded;

/**
 * Loads all files of the library before there is a socket: later that may fail, because descriptors have run out or the
 * process has given up its rights (setuid).
 */
function everything() {
  return Object.assign(
    {},
    require('./dgram_socket'),
    require('./seqpacket_server'),
    require('./seqpacket_socket'),
    require('./socket_pair'),
    require('./reuseport'),
    require('./net_fd'),
    require('./byte_stream'),
  );
}

/** Functions that make no sockets of this library. */
function reuseport() {
  return require('./reuseport');
}

/** @type {Record<string, () => any>} */
const sources = {
  DgramSocket: everything,
  SeqpacketServer: everything,
  SeqpacketSocket: everything,
  closeFd: reuseport,
  createReuseportFd: reuseport,
  createSocketPair: everything,
  getFd: () => require('./net_fd'),
  listenReuseport: reuseport,
};

/** @param {string} name @param {any} value */
function define(name, value) {
  Object.defineProperty(exports, name, { value, writable: true, enumerable: true, configurable: true });
  return value;
}

for (const name of Object.keys(sources)) {
  Object.defineProperty(exports, name, {
    get: () => define(name, sources[name]()[name]),
    set: (value) => define(name, value),
    enumerable: true,
    configurable: true,
  });
}

// util.inspect would show the getters.
Object.defineProperty(exports, Symbol.for('nodejs.util.inspect.custom'), {
  value: () => Object.assign({}, exports),
  writable: true,
  configurable: true,
});
