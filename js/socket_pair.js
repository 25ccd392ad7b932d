'use strict';

const { DGRAM, DgramSocket } = require('./dgram_socket');
const { LINUX } = require('./constants');
const { checkPlatform } = require('./environment');
const { invalidValue, unavailable } = require('./errors');
const { Opening } = require('./open');
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
  const Class = /** @type {any} */ (dgram ? DgramSocket : SeqpacketSocket);
  /** @type {any} */
  let second;
  const first = new Class(
    new Opening(kind, checked, (a) => {
      second = new Class(new Opening(kind, checked, (b) => a.pairWith(b)));
    }),
  );
  return [first, second];
}

module.exports = { createSocketPair };
