'use strict';
// The path of 0.2.7's module.

const { SeqpacketServer } = require('./seqpacket_server');
const { SeqpacketSocket } = require('./seqpacket_socket');

module.exports = { SeqpacketServer, SeqpacketSocket };
