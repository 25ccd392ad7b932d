'use strict';

const { DGRAM, DgramSocket } = require('./dgram_socket');
const { LINUX } = require('./constants');
const { checkPlatform } = require('./environment');
const { invalidValue, unavailable } = require('./errors');
const { openSocket } = require('./open');
const { SEQPACKET, SeqpacketSocket } = require('./seqpacket_socket');
const validate = require('./validate');

/** @param {'seqpacket' | 'dgram'} type @param {any} [options] @returns {any} */
function createSocketPair(type, options) {
  if (type !== 'seqpacket' && type !== 'dgram') throw invalidValue('type', "must be 'seqpacket' or 'dgram'");
  if (options !== undefined) validate.object(options, 'options');
  const checked = validate.socketOptions(options);
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
