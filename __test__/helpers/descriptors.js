'use strict';

/** The descriptors of this process, read from /proc (Linux). */
const fs = require('node:fs');
const { O_NONBLOCK } = fs.constants;

const O_CLOEXEC = 0o2000000;

const target = (fd) => {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ''; // the descriptor that listed the folder
  }
};

const descriptors = () =>
  fs
    .readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => target(fd) !== '');

/** The flags of a descriptor: { cloexec, nonblock }. */
function flags(fd) {
  const [, octal] = /^flags:\s*(\d+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
  const bits = parseInt(octal, 8);
  return { cloexec: (bits & O_CLOEXEC) !== 0, nonblock: (bits & O_NONBLOCK) !== 0 };
}

/** The descriptors of the sockets that fn opened. */
async function socketsOpenedBy(fn) {
  const before = descriptors();
  await fn();
  return descriptors().filter((fd) => !before.includes(fd) && target(fd).startsWith('socket:'));
}

module.exports = { descriptors, target, flags, socketsOpenedBy };
