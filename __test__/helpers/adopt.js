'use strict';

/** Sockets whose options of the kernel another socket has set. */
const os = require('node:os');
const { once } = require('node:events');
const { lib } = require('./lib');

const [major, minor] = os.release().split('.').map(Number);
/** True if the kernel refuses messages with descriptors to sockets without receiveFds (SO_PASSRIGHTS). */
const refusesRights = process.platform === 'linux' && (major > 6 || (major === 6 && minor >= 16));

/**
 * Adopts the descriptor of a socket with other options; the socket is closed. The adopted socket keeps the options of the
 * kernel: if the socket was created with receiveFds, the kernel does not refuse descriptors.
 */
async function adopt(socket, options) {
  const [a, b] = lib.createSocketPair('seqpacket', { receiveFds: true });
  a.write('descriptor', { fds: [socket.fd] });
  const [, info] = await once(b, 'data');
  for (const each of [a, b, socket]) each.close();
  return new socket.constructor({ ...options, fd: info.fds[0] });
}

module.exports = { adopt, refusesRights };
