'use strict';
// The path of this module in 0.2.7.

const { SeqpacketServer } = require('./seqpacket_server');
const { SeqpacketSocket } = require('./seqpacket_socket');

module.exports = { SeqpacketServer, SeqpacketSocket };
