'use strict';
// The operations on an end, called at the top level or inside of a callback.

const fs = require('node:fs');
const { iterate, openStream } = require('./consume');
const { hostile } = require('./hostile');
const { check } = require('./route');

const most = (what) => Number(fs.readFileSync(`/proc/sys/net/core/${what}`, 'latin1'));
const MOST = { Send: most('wmem_max'), Recv: most('rmem_max') };

/** The object to use: the stream of the end if it has one, otherwise the socket. */
const handle = (end) => end.stream || end.socket;

/** Sends to more missing destinations than a socket has ids for. */
function scatter(end, { count, cb }) {
  if (!end.tagged || end.socket.closed) return;
  const { world } = end;
  for (let i = 0; i < count; i++) {
    end.scattered++;
    const told = (err) =>
      world.guard(() => {
        check(err && typeof err.code === 'string', `a message to a missing destination was sent: ${err}`);
        end.scattered--;
      });
    end.socket.send('nobody', `${world.name}-nobody-${i}`, undefined, told);
    if (cb === 'error') end.socket.send('nobody', Buffer.from(`${world.name}-nobody-${i}`), undefined, () => {});
  }
}

function connect(end, { to }) {
  const peer = end.world.neighbours(end)[to];
  if (!peer || end.socket.closed) return;
  try {
    end.socket.connect(peer.path);
  } catch (err) {
    check(['ECONNREFUSED', 'EPERM'].includes(err.code), `connect threw ${err.stack}`);
    return;
  }
  check(end.socket.remoteAddress() === peer.path, 'connected to another peer');
  forgetPeer(end);
  end.connectedTo(peer);
}

/** The kernel drops the received messages of a socket that changes or loses its peer (unix_dgram_disconnected). */
function forgetPeer(end) {
  if (end.peers.size === 0) return;
  for (const route of end.world.routes) if (route.next.has(end)) route.excuse();
}

function abort(end) {
  if (end.signals.length === 0) return;
  for (const each of end.world.ends) {
    if (each.socket.closed || !each.signals.some((signal) => end.signals.includes(signal))) continue;
    each.aborted = true;
    each.closedByUs = true;
  }
  for (const signal of end.signals) signal.abort();
}

/** Sets one of the three buffer sizes and checks all getters. */
function sizes(end, { size, count }) {
  const { socket } = end;
  if (socket.fd < 0) return; // closed or closing
  const bytes = size + 1;
  if (count === 300 && !end.dgram) {
    socket.setInternalReadBufferSize(bytes);
    check(socket.getInternalReadBufferSize() === bytes, 'the read buffer has another size');
    end.readSizes.add(bytes);
    return;
  }
  const which = count === 2 ? 'Send' : 'Recv';
  const other = count === 2 ? 'Recv' : 'Send';
  const before = socket[`get${other}BufferSize`]();
  socket[`set${which}BufferSize`](bytes);
  // Linux doubles the size and has a minimum and a maximum.
  const told = socket[`get${which}BufferSize`]();
  check(told >= 2 * Math.min(bytes, MOST[which]) && told <= Math.max(2 * bytes, 8192), `${bytes} became ${told}`);
  check(socket[`get${other}BufferSize`]() === before, `the size of the other buffer changed`);
}

const OPS = {
  send: (end, step) => end.send(step),
  burst: (end, step) => {
    for (let i = 0; i < step.count; i++) end.send(step);
  },
  close: (end) => {
    end.closing();
    end.socket.close();
  },
  destroy: (end, { size }) => {
    end.closing();
    if (end.dgram) end.socket.close();
    else handle(end).destroy(size % 2 ? Object.assign(new Error('planned'), { code: 'PLANNED' }) : undefined);
  },
  end: (end) => {
    if (end.dgram) return;
    end.ending = true;
    handle(end).end();
  },
  pause: (end) => handle(end).pause(),
  resume: (end) => handle(end).resume(),
  cork: (end) => {
    if (!end.socket.closed) end.socket.cork();
  },
  uncork: (end) => {
    if (!end.socket.closed) end.socket.uncork();
  },
  listen: (end) => end.listen(),
  unlisten: (end) => end.unlisten(),
  ref: (end) => end.socket.ref(),
  unref: (end) => end.socket.unref(),
  hostile: (end, { size }) => hostile(end, size),
  iterate: (end, step) => {
    if (end.stream) return;
    if (step.size % 4) end.unlisten();
    iterate(end, step);
  },
  stream: (end, { shape }) => {
    if (end.dgram || end.stream) return;
    openStream(end);
    if (end.stream && shape !== 'whole') end.stream.pause();
  },
  connect,
  disconnect: (end) => {
    if (!end.dgram || end.socket.closed) return;
    end.socket.disconnect();
    check(end.socket.remoteAddress() === '', 'connected after disconnect()');
    forgetPeer(end);
  },
  scatter,
  abort,
  sizes,
  server: (end) => {
    for (const server of end.world.servers) server.close();
  },
  throw: (end) => {
    end.world.thrown++;
    throw Object.assign(new Error('planned'), { planned: true });
  },
};

module.exports = { OPS };
