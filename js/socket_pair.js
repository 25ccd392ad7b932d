'use strict';

const { DGRAM, DgramSocket } = require('./dgram_socket');
const { LINUX } = require('./constants');
const { checkPlatform } = require('./environment');
const { unavailable } = require('./errors');
const { Opening } = require('./open');
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
  const Class = /** @type {any} */ (dgram ? DgramSocket : SeqpacketSocket);
  /** @type {any} */
  let second;
  /** @type {number[]} */
  let keys = [];
  const first = new Class(
    new Opening(kind, checked, (a) => {
      const pair = (/** @type {any} */ b) => {
        keys = a.pairWith(b);
        return keys[1];
      };
      second = new Class(new Opening(kind, checked, pair));
      return keys[0];
    }),
  );
  return [first, second];
}

module.exports = { createSocketPair };
