'use strict';
// Each export is loaded when it is first used, so that a program loads only what it needs. A missing binary is reported
// at once.

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

/** @type {Record<string, () => any>} */
const sources = {
  DgramSocket: () => require('./dgram_socket'),
  SeqpacketServer: () => require('./seqpacket_server'),
  SeqpacketSocket: () => require('./seqpacket_socket'),
  closeFd: () => require('./reuseport'),
  createReuseportFd: () => require('./reuseport'),
  createSocketPair: () => require('./socket_pair'),
  getFd: () => require('./net_fd'),
  listenReuseport: () => require('./reuseport'),
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
