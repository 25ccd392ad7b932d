'use strict';

/** A seqpacket server in another process whose backlog is full. */
const assert = require('node:assert');
const { python, sockPath } = require('.');

/** A listener whose backlog is full. After a line on its standard input it accepts every connection. */
async function full(t) {
  const path = sockPath(t);
  const child = python(
    t,
    `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1])
s.listen(0)
early = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
early.connect(sys.argv[1])
print('full')
sys.stdin.readline()
accepted = []
while True:
    accepted.append(s.accept()[0])
    if len(accepted) > 1: print(accepted[-1].recv(100).decode())`,
    [path],
  );
  assert.strictEqual(await child.line(), 'full');
  return { path, child };
}

module.exports = { full };
