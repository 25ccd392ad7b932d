'use strict';
// The path of this module in 0.2.7.

const { closeFd, createReuseportFd, listenReuseport } = require('./reuseport');
const { createSocketPair } = require('./socket_pair');

module.exports = { closeFd, createReuseportFd, createSocketPair, listenReuseport };
