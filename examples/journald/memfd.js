'use strict';

/**
 * Creates a sealed memfd, memory that can no longer be changed, so that journald can map it instead of copying it. Node.js has no
 * memfd_create, but any program that has it can create a memfd and pass the descriptor over a unix socket. Here python3 does, in 20 ms.
 */

const { spawn } = require('child_process');
const { once } = require('events');
const { createSocketPair } = require('../..'); // in your program: require('node-unix-socket')

const PYTHON = `
import array, fcntl, os, shutil, socket, sys
fd = os.memfd_create('entry', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
with open(fd, 'wb', closefd=False) as memory:
    shutil.copyfileobj(sys.stdin.buffer, memory)
F_ADD_SEALS, F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE = 1033, 1, 2, 4, 8
fcntl.fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
socket.socket(fileno=3).sendmsg([b'memfd'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [fd]))])
`;

/** Resolves to a descriptor of sealed memory that contains the bytes. The caller owns it and has to close it. */
async function sealedMemfd(bytes) {
  const [ours, theirs] = createSocketPair('seqpacket', { receiveFds: true });
  const python = spawn('python3', ['-c', PYTHON], { stdio: ['pipe', 'inherit', 'inherit', theirs.fd] });
  theirs.destroy(); // python3 has a duplicate: 'end' is emitted when it exits
  python.on('error', (err) => ours.destroy(err));
  python.stdin.on('error', (err) => ours.destroy(err)).end(bytes);
  const end = once(ours, 'end').then(() => {
    throw new Error('python3 ended without sending a descriptor');
  });
  end.catch(() => {}); // python3 also exits after it has sent one
  try {
    const [, info] = await Promise.race([once(ours, 'data'), end]);
    return info.fds[0];
  } finally {
    ours.destroy();
  }
}

module.exports = { sealedMemfd };
