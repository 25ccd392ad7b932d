'use strict';

/** A datagram receiver in another process that reads only on demand, so that its queue is full until then. */
const { python, sockPath } = require('.');

// Reads as many messages as each line of its input requests, and prints the number that each contains.
const source = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('bound')
for line in sys.stdin:
    for _ in range(int(line)):
        print(int.from_bytes(s.recv(4), 'big'))
`;

async function slowPeer(t) {
  const path = sockPath(t, 'slow');
  const peer = python(t, source, [path]);
  await peer.line();
  return { peer, path };
}

function numbered(i) {
  const message = Buffer.alloc(4);
  message.writeUInt32BE(i);
  return message;
}

/** Makes the peer read n messages. Resolves to their numbers. */
async function readAll({ peer }, n) {
  peer.send(`${n}\n`);
  const got = [];
  while (got.length < n) got.push(Number(await peer.line()));
  return got;
}

module.exports = { slowPeer, numbered, readAll };
