'use strict';

const { createSocket } = require('./unix_dgram_socket');

/** @param {any} type @param {(...args: any[]) => void} [listener] @returns {any} */
exports.createSocket = (type, listener) => createSocket(type, listener, false);
