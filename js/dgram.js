'use strict';
// The path of this module in 0.2.7.

const { DgramSocket } = require('./dgram_socket');

module.exports = { DgramSocket };
