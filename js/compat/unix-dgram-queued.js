'use strict';
// unix-dgram.js with a queue by default, for programs that cannot be changed: npm's overrides replace unix-dgram by it.

const { createSocket } = require('./unix_dgram_socket');

/** @param {any} type @param {(...args: any[]) => void} [listener] @returns {any} */
exports.createSocket = (type, listener) => createSocket(type, listener, true);
