'use strict';

/**
 * Starts a child process, in any language, that has one end of a socket pair as descriptor 3. Compared with pipes: messages keep their
 * boundaries, one socket carries both directions, and descriptors can be passed. No path exists, so no other process can connect.
 */

const { spawn } = require('child_process');
const { createSocketPair } = require('../..'); // in your program: require('node-unix-socket')

/** @returns {{ child: import('child_process').ChildProcess, socket: import('../..').SeqpacketSocket }} */
function spawnWithSocket(command, args) {
  const [socket, theirs] = createSocketPair('seqpacket');
  try {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', theirs.fd] });
    return { child, socket };
  } finally {
    theirs.destroy(); // the child has a duplicate; with this one open, 'end' would not come when the child exits
  }
}

module.exports = { spawnWithSocket };
