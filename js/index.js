'use strict';
// Each export is loaded at its first use: a program pays for what it has. What the binary has to say of the platform is
// said at once.

require('./binding');

/** @typedef {typeof import('../index')} Library */
/** @type {any} */
const unloaded = undefined;

// Node.js and bundlers read the names from here, for named imports.
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
/** @type {Library['listenReuseport']} */
exports.listenReuseport = unloaded;

/** @type {Record<string, () => any>} */
const sources = {
  DgramSocket: () => require('./dgram'),
  SeqpacketServer: () => require('./seqpacket_server'),
  SeqpacketSocket: () => require('./seqpacket_socket'),
  closeFd: () => require('./socket'),
  createReuseportFd: () => require('./socket'),
  createSocketPair: () => require('./socket'),
  listenReuseport: () => require('./socket'),
};

/** @param {string} name @param {any} value */
function settle(name, value) {
  Object.defineProperty(exports, name, { value, writable: true, enumerable: true, configurable: true });
  return value;
}

for (const name of Object.keys(sources)) {
  Object.defineProperty(exports, name, {
    get: () => settle(name, sources[name]()[name]),
    set: (value) => settle(name, value),
    enumerable: true,
    configurable: true,
  });
}
