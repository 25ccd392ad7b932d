'use strict';

const { DGRAM, DgramSocket } = require('./dgram_socket');
const { LINUX } = require('./constants');
const { checkPlatform } = require('./environment');
const { unavailable } = require('./errors');
const { openSocket } = require('./open');
const { socketOptions } = require('./options');
const { SEQPACKET, SeqpacketSocket } = require('./seqpacket_socket');
const { object, oneOf } = require('./validate');

const checkType = oneOf('seqpacket', 'dgram');

/** @param {'seqpacket' | 'dgram'} type @param {any} [options] @returns {any} */
function createSocketPair(type, options) {
  checkType(type, 'type', 'createSocketPair');
  if (options === null) object(options, 'options', 'createSocketPair');
  const checked = socketOptions(options, 'createSocketPair');
  checkPlatform();
  const dgram = type === 'dgram';
  if (!dgram && !LINUX) throw unavailable('SOCK_SEQPACKET');
  const kind = dgram ? DGRAM : SEQPACKET;
  /** @type {any} */
  let second;
  const first = openSocket(kind, checked, (a) => {
    second = openSocket(kind, checked, (b) => a.pairWith(b));
  });
  const Class = /** @type {any} */ (dgram ? DgramSocket : SeqpacketSocket);
  return [new Class(first), new Class(second)];
}

module.exports = { createSocketPair };
