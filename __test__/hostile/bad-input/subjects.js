'use strict';

/**
 * The objects under test: for each class its members with their overloads, each parameter as [kind, a function that
 * returns a valid value], and the states of an object.
 */
const { once } = require('node:events');
const net = require('node:net');
const path = require('node:path');
const kinds = require('./kinds');
const { turns } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const { optional, or } = kinds;

let names = 0;
const freshPath = () => path.resolve(`s${++names}`);
const noPath = () => path.resolve('nobody');
const ignored = () => {};
const text = () => Buffer.from('text');

// Parameters: [kind, function that returns a valid value].
const given = (kind, good) => [kind, good];
const maybe = (kind, good) => [optional(kind), good];
const cb = maybe(kinds.callback, () => ignored);
const view = [kinds.view, text];
const message = [kinds.message, text];
const to = [kinds.path, noPath];
const size = [kinds.bufferSize, () => 4096];
const offset = [kinds.offset, () => 0];
const length = [kinds.length, () => 4];
const noFds = () => ({ fds: [] });

const ofBoth = {
  cork: [[]],
  uncork: [[]],
  pause: [[]],
  resume: [[]],
  isPaused: [[]],
  ref: [[]],
  unref: [[]],
  address: [[]],
  remoteAddress: [[]],
  getRecvBufferSize: [[]],
  setRecvBufferSize: [[size]],
  getSendBufferSize: [[]],
  setSendBufferSize: [[size]],
};

const dgramMembers = {
  ...ofBoth,
  bind: [[maybe(kinds.path, freshPath), maybe(kinds.bindOptions, () => ({ mode: 0o600 }))]],
  sendTo: [[view, offset, length, to, cb]],
  send: [
    [
      message,
      maybe(or(kinds.path, kinds.callback), noPath),
      maybe(or(kinds.callback, kinds.sendOptions), () => ignored),
    ],
    [message, maybe(or(kinds.path, kinds.callback), noPath), maybe(or(kinds.callback, kinds.sendOptions), noFds), cb],
    [message, maybe(or(kinds.path, kinds.callback), () => ignored)],
  ],
  connect: [[to]],
  disconnect: [[]],
  close: [[cb]],
};

const seqpacketMembers = {
  ...ofBoth,
  connect: [
    [given(or(kinds.path, kinds.connectOptions), noPath), cb],
    [given(or(kinds.path, kinds.connectOptions), () => ({ path: noPath() })), cb],
  ],
  write: [
    [view, maybe(or(kinds.offset, kinds.callback, kinds.sendOptions), () => 0), maybe(kinds.length, () => 4), cb],
    [message, maybe(or(kinds.callback, kinds.sendOptions, kinds.offset), () => ignored)],
    [message, maybe(or(kinds.callback, kinds.sendOptions, kinds.offset), noFds), cb],
  ],
  end: [
    [maybe(or(kinds.callback, kinds.message), () => ignored)],
    [maybe(or(kinds.callback, kinds.message), text), cb],
  ],
  getInternalReadBufferSize: [[]],
  setInternalReadBufferSize: [[size]],
  peerCredentials: [[]],
  destroy: [[given(kinds.anything, () => undefined)]],
  close: [[]],
  _state: [[]],
  toDuplex: [[maybe(kinds.duplexOptions, () => ({ bytes: true }))]],
};

const serverMembers = {
  listen: [
    [given(or(kinds.path, kinds.listenOptions), freshPath), maybe(or(kinds.count, kinds.callback), () => 5), cb],
    [given(or(kinds.path, kinds.listenOptions), () => ({ path: freshPath(), backlog: 5 })), cb],
  ],
  address: [[]],
  close: [[cb]],
  ref: [[]],
  unref: [[]],
};

const functions = {
  createSocketPair: [
    [given(kinds.oneOf('seqpacket', 'dgram'), () => 'seqpacket'), maybe(kinds.pairOptions, () => ({}))],
  ],
  createReuseportFd: [
    [
      maybe(kinds.port, () => 0),
      maybe(kinds.oneOf('127.0.0.1'), () => '127.0.0.1'),
      maybe(kinds.reuseportOptions, () => ({ type: 'tcp' })),
    ],
  ],
  getFd: [[given(kinds.netSocket, () => net.createServer())]],
  listenReuseport: [
    [
      given(kinds.netServer, () => net.createServer()),
      given(kinds.listenReuseportOptions, () => ({ port: 0, host: '127.0.0.1' })),
      cb,
    ],
  ],
};

const constructors = {
  DgramSocket: [[given(or(kinds.anything, kinds.socketOptions), () => ({ paused: true }))]],
  SeqpacketSocket: [[maybe(or(kinds.descriptor, kinds.socketOptions), () => ({ paused: true }))]],
  SeqpacketServer: [[maybe(kinds.serverOptions, () => ({ maxConnections: 5 }))]],
};

/** A pair: `object` is under test, `others` have to be closed with it. */
function pairOf(type, change = () => {}) {
  return async () => {
    const [object, other] = lib.createSocketPair(type);
    await change(object, other);
    return { object, others: [other], results: [] };
  };
}

const single = (Type, change = () => {}) => {
  return async () => {
    const object = new lib[Type]();
    await change(object);
    return { object, others: [], results: [] };
  };
};

const closing = (object) => object.close();
const closed = async (object) => {
  object.close();
  await turns(3);
};

const dgramStates = {
  new: single('DgramSocket'),
  bound: single('DgramSocket', (socket) => socket.bind(freshPath())),
  connected: pairOf('dgram'),
  'whose peer is gone': pairOf('dgram', (_, peer) => closed(peer)),
  closing: pairOf('dgram', closing),
  closed: pairOf('dgram', closed),
};

const seqpacketStates = {
  new: single('SeqpacketSocket'),
  connected: pairOf('seqpacket'),
  corked: pairOf('seqpacket', (socket) => socket.cork()),
  'half-closed': pairOf('seqpacket', (socket) => {
    socket.end();
    return once(socket, '_shutdown');
  }),
  'about to end': pairOf('seqpacket', (socket) => {
    while (socket.write(Buffer.alloc(32768)));
    socket.end();
  }),
  'whose peer has ended': pairOf('seqpacket', (_, peer) => {
    peer.end();
    return turns(3);
  }),
  'whose connect failed': single('SeqpacketSocket', (socket) => {
    try {
      socket.connect(noPath());
    } catch {}
  }),
  closing: pairOf('seqpacket', closing),
  destroyed: pairOf('seqpacket', closed),
};

const serverStates = {
  new: single('SeqpacketServer'),
  listening: single('SeqpacketServer', (server) => server.listen(freshPath())),
  closing: single('SeqpacketServer', closing),
  closed: single('SeqpacketServer', closed),
};

/** States in which an object is closed. */
const closedStates = new Set(['closing', 'closed', 'destroyed', 'whose connect failed']);

/** Members that are no-ops on a closed object, and members whose result there is unspecified. */
const noOps = new Set(['ref', 'unref', 'close', 'destroy', 'end', 'pause', 'resume']);
const unspecified = new Set(['isPaused', '_state']);

const subjects = {};
for (const [Type, states, members] of [
  ['DgramSocket', dgramStates, dgramMembers],
  ['SeqpacketSocket', seqpacketStates, seqpacketMembers],
  ['SeqpacketServer', serverStates, serverMembers],
]) {
  for (const [state, make] of Object.entries(states)) {
    const whenClosed = closedStates.has(state) ? { noOps, unspecified } : null;
    const large = ['connected', 'listening'].includes(state); // once for each class, because it is slow
    subjects[`${Type}, ${state}`] = { make, members, whenClosed, large };
  }
}
subjects['the functions of the module'] = {
  make: async () => ({ object: lib, others: [], results: [] }),
  members: functions,
};
subjects['the constructors'] = {
  make: async () => ({ object: lib, others: [], results: [] }),
  members: constructors,
  construct: true,
};

module.exports = { subjects };
