'use strict';

/** Hostile peers, written in Python, and traffic that has to continue meanwhile. */
const assert = require('node:assert');
const { once, python, sockPath } = require('.');
const { closing, dgram, pair, serve } = require('./sockets');

/** The beginning of a script: `connect()` to argv[1] with the socket type argv[2], `args`, `wait()` for a line. */
const PEER = `import array, os, socket, struct, sys
path, kind, *args = sys.argv[1:]
if path[0] == '@': path = '\\0' + path[1:]
def connect(blocking=True):
    s = socket.socket(socket.AF_UNIX, getattr(socket, kind))
    s.connect(path)
    return s
def wait(): sys.stdin.readline()
`;

/** For each kind of socket: a receiver, and a peer that runs `source`. */
const receivers = {
  async seqpacket(t, source, { socket = {}, args = [] } = {}) {
    const server = serve(t, { socket });
    const child = python(t, PEER + source, [server.address(), 'SOCK_SEQPACKET', ...args]);
    const [receiver] = await once(server, 'connection');
    receiver.on('error', () => {}); // ECONNRESET if the peer is killed
    return { child, receiver: closing(t, receiver) };
  },
  async dgram(t, source, { socket = {}, args = [] } = {}) {
    const receiver = dgram(t, sockPath(t), socket);
    return { child: python(t, PEER + source, [receiver.address(), 'SOCK_DGRAM', ...args]), receiver };
  },
};

/** Calls `each` for the next n messages and resolves after the last one. */
function forMessages(socket, n, each = () => {}) {
  return new Promise((resolve) => {
    let count = 0;
    socket.on('data', (data, ...rest) => {
      each(data, rest.pop(), count);
      if (++count === n) resolve();
    });
  });
}

/** Exchanges messages on another pair until the returned function is called, which checks and returns their number. */
function pingPong(t) {
  const [a, b] = pair(t, 'seqpacket');
  let count = 0;
  let stopped = false;
  b.on('data', (data) => b.write(data));
  a.on('data', () => {
    count++;
    if (!stopped) a.write('ping');
  });
  a.write('ping');
  return () => {
    stopped = true;
    assert.ok(count > 0, 'other sockets stopped');
    return count;
  };
}

module.exports = { PEER, forMessages, pingPong, receivers };
