'use strict';
// What is done while system calls fail: every class, every way to send and receive, with accounts. Each step ends
// whatever fails; what the library told, and how, is collected in `told`.

const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { lib } = require('../helpers/lib');

/** Milliseconds; most waits end long before. */
const PATIENCE = 1000;
let folders = 0;

class Accounts {
  constructor() {
    /** "where CODE" */
    this.told = new Set();
    this.sockets = [];
    this.callbacks = [];
    this.sent = 0;
    this.failed = 0;
    this.received = 0;
    this.closes = 0;
    this.events = 0;
  }

  tell(where, err) {
    this.told.add(`${where} ${err.code}`);
  }

  /** Runs what may throw a coded error; anything else is a fault of its own. */
  attempt(where, body) {
    try {
      return body();
    } catch (err) {
      if (typeof err.code !== 'string') throw err;
      this.tell(`${where} throws`, err);
      return undefined;
    }
  }

  own(socket, where) {
    this.sockets.push(socket);
    socket.on('error', (err) => {
      this.events++;
      this.tell(`${where} 'error'`, err);
    });
    socket.on('close', () => this.closes++);
    return socket;
  }

  /** Hands over one message and counts what becomes of it. */
  post(where, call) {
    const entry = { where, called: 0 };
    this.attempt(where, () => {
      call((err) => {
        entry.called++;
        if (!err) return;
        this.failed++;
        this.tell(`${where} callback`, err);
      });
      this.callbacks.push(entry);
      this.sent++;
    });
  }

  reads(socket) {
    socket.on('data', (_data, ...rest) => {
      this.received++;
      for (const fd of rest.pop().fds) lib.closeFd(fd);
    });
  }
}

async function until(condition, patience = PATIENCE) {
  const end = Date.now() + patience;
  while (!condition() && Date.now() < end) await sleep(1);
}

/** A connection over a server: accept, immediate and queued and gathered and corked messages, descriptors, half-close. */
async function seqpacket(accounts, folder) {
  const server = accounts.own(new lib.SeqpacketServer(), 'server');
  const address = path.join(folder, 'q');
  const listening = accounts.attempt('listen', () => {
    return server.listen({ path: address, mode: 0o600, unlinkOnClose: true, socket: { receiveFds: true } });
  });
  if (!listening) return;
  let accepted;
  server.on('connection', (socket) => {
    accepted = accounts.own(socket, 'accepted');
    socket.pause();
    accounts.reads(socket);
  });
  const client = accounts.attempt('new SeqpacketSocket', () => new lib.SeqpacketSocket({ maxQueuedBytes: 1 << 24 }));
  if (!client) return;
  accounts.own(client, 'client');
  accounts.attempt('connect', () => client.connect({ path: address, timeout: 100 }));
  await until(() => accepted || client.closed);
  if (client.closed) return;
  converse(accounts, client);
  await sleep(2);
  if (accepted) accepted.resume();
  await until(() => accounts.received + accounts.failed >= accounts.sent);
  for (const getter of ['address', 'remoteAddress', 'peerCredentials', 'getRecvBufferSize', 'getSendBufferSize']) {
    accounts.attempt(getter, () => client[getter]());
  }
  accounts.attempt('setRecvBufferSize', () => client.setRecvBufferSize(65536));
  client.end();
  await until(() => client.closed || client._state() === 3, 50);
}

function converse(accounts, client) {
  const small = Buffer.from('small');
  const large = Buffer.alloc(100000);
  for (let i = 0; i < 3; i++) accounts.post('write', (cb) => client.write(small, cb));
  accounts.post('write of parts', (cb) => client.write([small, small], cb));
  accounts.post('write of fds', (cb) => client.write(small, { fds: [0] }, cb));
  accounts.attempt('cork', () => client.cork());
  for (let i = 0; i < 5; i++) accounts.post('corked write', (cb) => client.write(small, cb));
  accounts.attempt('uncork', () => client.uncork());
  for (let i = 0; i < 8; i++) accounts.post('queued write', (cb) => client.write(large, cb));
  accounts.post('queued write of fds', (cb) => client.write(small, { fds: [0] }, cb));
}

/** A socket file that nobody serves any more. */
function leaveStale(accounts, name) {
  const socket = accounts.attempt('new DgramSocket', () => new lib.DgramSocket());
  if (!socket) return;
  accounts.attempt('bind', () => socket.bind(name));
  accounts.own(socket, 'stale').close();
}

/** Two named datagram sockets: a congested peer, a connected one, and what else there is to ask. */
async function datagrams(accounts, folder) {
  const paths = ['a', 'b'].map((name) => path.join(folder, name));
  leaveStale(accounts, paths[0]);
  const [a, b] = paths.map((name) => {
    const socket = accounts.attempt('new DgramSocket', () => new lib.DgramSocket({ receiveFds: true }));
    if (!socket) return undefined;
    accounts.own(socket, 'dgram');
    accounts.attempt('bind', () => socket.bind(name, { mode: 0o600, unlinkStale: true }));
    return socket;
  });
  if (!a || !b || !fs.existsSync(paths[1])) return;
  b.pause();
  accounts.reads(b);
  const before = accounts.sent;
  // More than any queue length of the kernel takes, so that a probe waits.
  const limit = Number(fs.readFileSync('/proc/sys/net/unix/max_dgram_qlen', 'utf8')) + 20;
  for (let i = 0; i < limit; i++)
    accounts.post('sendTo', (cb) => a.sendTo(Buffer.from('datagram'), 0, 8, paths[1], cb));
  accounts.post('send of fds', (cb) => a.send('fds', paths[1], { fds: [0] }, cb));
  await sleep(5);
  b.resume();
  await until(() => accounts.received + accounts.failed >= accounts.sent);
  accounts.attempt('connect', () => a.connect(paths[1]));
  if (accounts.attempt('remoteAddress', () => a.remoteAddress())) {
    for (let i = 0; i < 3; i++) accounts.post('send', (cb) => a.send('connected', cb));
  }
  accounts.attempt('disconnect', () => a.disconnect());
  accounts.attempt('address', () => a.address());
  accounts.attempt('setSendBufferSize', () => a.setSendBufferSize(65536));
  await until(() => accounts.received + accounts.failed >= accounts.sent);
  return before;
}

async function pairs(accounts) {
  const pair = accounts.attempt('createSocketPair', () =>
    lib.createSocketPair('seqpacket', { receiveCredentials: true }),
  );
  if (!pair) return;
  const [a, b] = pair.map((socket) => accounts.own(socket, 'pair'));
  accounts.reads(b);
  accounts.post('pair write', (cb) => a.write('', cb));
  accounts.post('pair write', (cb) => a.write('x', cb));
  await until(() => accounts.received + accounts.failed >= accounts.sent);
}

/** Nobody reads: what there is at the end is looked at. */
async function unread(accounts) {
  const pair = accounts.attempt('createSocketPair', () => lib.createSocketPair('seqpacket'));
  if (!pair) return;
  const [a, b] = pair.map((socket) => accounts.own(socket, 'unread pair'));
  a.end();
  await until(() => b.closed || b._state() === 3, 50);
}

async function closeAll(accounts) {
  for (const socket of accounts.sockets) socket.close();
  await until(() => accounts.closes === accounts.sockets.length);
}

/** All of it. Resolves to the accounts. */
async function scenario(root) {
  const accounts = new Accounts();
  const folder = path.join(root, String(folders++));
  fs.mkdirSync(folder);
  await seqpacket(accounts, folder);
  await datagrams(accounts, folder);
  await pairs(accounts);
  await unread(accounts);
  await closeAll(accounts);
  return accounts;
}

module.exports = { scenario };
