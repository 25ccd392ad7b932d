'use strict';

/**
 * A sealed memfd: memory behind a descriptor that nobody can change any more, so that journald may map it instead of copying it.
 * Node has no memfd_create. Anything that has it can make one and pass it over a unix socket; here a python3 of 20 ms does.
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

/** Resolves to a descriptor of sealed memory that holds the bytes. It is the caller's to close. */
async function sealedMemfd(bytes) {
  const [ours, theirs] = createSocketPair('seqpacket', { receiveFds: true });
  const python = spawn('python3', ['-c', PYTHON], { stdio: ['pipe', 'inherit', 'inherit', theirs.fd] });
  theirs.destroy(); // python has its own now: ours ends when it does
  python.on('error', (err) => ours.destroy(err));
  python.stdin.on('error', (err) => ours.destroy(err)).end(bytes);
  const end = once(ours, 'end').then(() => {
    throw new Error('python3 ended without sending a descriptor');
  });
  end.catch(() => {}); // it also ends after sending one
  try {
    const [, info] = await Promise.race([once(ours, 'data'), end]);
    return info.fds[0];
  } finally {
    ours.destroy();
  }
}

module.exports = { sealedMemfd };
