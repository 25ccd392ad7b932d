'use strict';

const { DgramSocket } = require('./dgram');
const { SeqpacketServer, SeqpacketSocket } = require('./seqpacket');
const { closeFd, createReuseportFd, createSocketPair, listenReuseport } = require('./socket');

module.exports = {
  DgramSocket,
  SeqpacketServer,
  SeqpacketSocket,
  closeFd,
  createReuseportFd,
  createSocketPair,
  listenReuseport,
};
