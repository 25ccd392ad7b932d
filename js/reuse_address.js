'use strict';
// SO_REUSEADDR of the sockets of createReuseportFd(), which lets sockets of all users share a port that no socket listens on.

const binding = require('./binding');
const { nextTick, setTimeout } = require('./timers');

const MAX_DELAY_MS = 100;

/**
 * Sets SO_REUSEADDR once Node.js has taken over the descriptor: off for UDP, because dgram.Socket#bind({ fd }) turns it on;
 * on for TCP once the socket listens, because other servers could not bind after a restart otherwise. No event tells when
 * that happens. Programs usually pass the descriptor on in the same tick; otherwise it is looked for again and again.
 * @param {number} fd
 */
function settleReuseAddress(fd) {
  /** @type {(inode: number | undefined, delay: number) => void} */
  const look = (inode, delay) => {
    const found = binding.settleReuseAddress(fd, inode);
    if (typeof found === 'number') setTimeout(look, delay, found, Math.min(2 * delay, MAX_DELAY_MS)).unref();
  };
  nextTick(look, undefined, 1);
}

module.exports = { settleReuseAddress };
