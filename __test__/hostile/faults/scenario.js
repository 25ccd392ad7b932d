'use strict';
// The scenario that runs while system calls fail: every class, every way to send and receive. Counts messages, callbacks
// and events. Each step ends, whichever system call fails. `told` collects the errors that were thrown, emitted or passed
// to callbacks.

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { lib } = require('../../helpers/lib');

/** The time limit of a step in milliseconds. */
const PATIENCE = 1000;
let folders = 0;

class Accounts {
  constructor() {
    /** Reported errors: "where CODE". */
    this.told = new Set();
    this.sockets = [];
    this.callbacks = [];
    this.sent = 0;
    this.failed = 0;
    this.received = 0;
    this.closes = 0;
    this.events = 0;
    /** Files that remain after a failed call, and after close(). */
    this.left = [];
    this.kept = [];
  }

  tell(where, err) {
    this.told.add(`${where} ${err.code}`);
  }

  /** Calls a function that may throw an error with a code. */
  attempt(where, body) {
    try {
      return body();
    } catch (err) {
      if (typeof err.code !== 'string') throw err;
      this.tell(`${where} throws`, err);
      return undefined;
    }
  }

  /** Calls a function that creates a socket file. Returns true if it succeeds; if not, no file may remain. */
  makes(where, name, body) {
    const before = fileOf(name);
    const made = this.attempt(where, () => body() || true) === true;
    const after = fileOf(name);
    if (!made && after !== undefined && after !== before) this.left.push(`${where} ${name}`);
    return made;
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

  /** Sends one message and counts its result. */
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

/** Identifies a file. The inode number alone may be reused. */
function fileOf(name) {
  const found = fs.lstatSync(name, { bigint: true, throwIfNoEntry: false });
  return found && `${found.ino} ${found.birthtimeNs}`;
}

async function until(condition, patience = PATIENCE) {
  const end = Date.now() + patience;
  while (!condition() && Date.now() < end) await sleep(1);
}

/** A server and a connection: accept; messages alone, queued, in parts and corked; descriptors; half-close. */
async function seqpacket(accounts, folder) {
  const server = accounts.own(new lib.SeqpacketServer(), 'server');
  const address = path.join(folder, 'q');
  const listening = accounts.makes('listen', address, () => {
    server.listen({ path: address, mode: 0o600, unlinkOnClose: true, socket: { receiveFds: true } });
  });
  if (!listening) {
    // A descriptor that the failed call must not close.
    const fd = fs.openSync('/dev/null');
    accounts.attempt('closeFd', () => lib.closeFd(fd));
    return;
  }
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

/** Creates the socket file of a closed socket. */
function leaveStale(accounts, name) {
  const socket = accounts.attempt('new DgramSocket', () => new lib.DgramSocket());
  if (!socket) return;
  accounts.makes('bind', name, () => socket.bind(name));
  accounts.own(socket, 'stale').close();
}

/** Two bound datagram sockets: a full destination, a connected peer, getters and setters. */
async function datagrams(accounts, folder) {
  const paths = ['a', 'b'].map((name) => path.join(folder, name));
  leaveStale(accounts, paths[0]);
  const [a, b] = paths.map((name) => {
    const socket = accounts.attempt('new DgramSocket', () => new lib.DgramSocket({ receiveFds: true }));
    if (!socket) return undefined;
    accounts.own(socket, 'dgram');
    accounts.makes('bind', name, () => socket.bind(name, { mode: 0o600, unlinkStale: true }));
    return socket;
  });
  if (!a || !b || !fs.existsSync(paths[1])) return;
  b.pause();
  accounts.reads(b);
  const before = accounts.sent;
  // More messages than the queue of the kernel holds, so that the library has to wait.
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

/** A pair without a 'data' listener. */
async function unread(accounts) {
  const pair = accounts.attempt('createSocketPair', () => lib.createSocketPair('seqpacket'));
  if (!pair) return;
  const [a, b] = pair.map((socket) => accounts.own(socket, 'unread pair'));
  a.end();
  await until(() => b.closed || b._state() === 3, 50);
}

/** Socket files with a mode that the umask masks, which replace stale files and are removed. */
async function files(accounts, folder) {
  for (const name of ['v', 'w', 'x', 'y', 'z'].map((file) => path.relative('', path.join(folder, file)))) {
    leaveStale(accounts, name);
    const socket = accounts.attempt('new DgramSocket', () => new lib.DgramSocket());
    if (!socket) continue;
    accounts.own(socket, 'file');
    const make = () => socket.bind(name, { mode: 0o660, unlinkStale: true, unlinkOnClose: true });
    // If the failure did not close the socket, a second call must succeed.
    const made = accounts.makes('bind', name, make) || (!socket.closed && accounts.makes('bind', name, make));
    if (made && (fs.statSync(name).mode & 0o777) !== 0o660) accounts.left.push(`another mode: ${name}`);
    socket.close();
    if (made && fs.existsSync(name)) accounts.kept.push(name);
  }
}

/** Abstract names: after a server that failed, the name is free. */
async function nameless(accounts, folder) {
  const address = `\0${folder}`;
  for (let i = 0; i < 2; i++) {
    const server = accounts.own(new lib.SeqpacketServer(), 'nameless');
    const listening = accounts.attempt('listen', () => server.listen({ path: address, unlinkOnClose: true }));
    if (!listening) accounts.attempt('listen', () => server.listen({ path: address }));
    server.close();
  }
}

/** SO_REUSEPORT: descriptors, and servers of node:net that listen on them. */
async function reuseport(accounts) {
  for (const type of ['tcp', 'udp', 'tcp']) {
    const fd = accounts.attempt('createReuseportFd', () => lib.createReuseportFd(0, '127.0.0.1', { type }));
    if (fd !== undefined) accounts.attempt('closeFd', () => lib.closeFd(fd));
  }
  let port = 0;
  for (let i = 0; i < 2; i++) {
    const server = accounts.own(net.createServer(), 'net.Server');
    accounts.attempt('listenReuseport', () => lib.listenReuseport(server, { port, host: '127.0.0.1' }));
    await until(() => server.listening, 20);
    const address = server.listening && accounts.attempt('address', () => server.address());
    if (address) port = address.port;
  }
}

async function closeAll(accounts) {
  for (const socket of accounts.sockets) socket.close();
  await until(() => accounts.closes === accounts.sockets.length);
}

/** Runs all steps. Resolves to the accounts. */
async function scenario(root) {
  const accounts = new Accounts();
  const folder = path.join(root, String(folders++));
  fs.mkdirSync(folder);
  await seqpacket(accounts, folder);
  await datagrams(accounts, folder);
  await pairs(accounts);
  await unread(accounts);
  await files(accounts, folder);
  await nameless(accounts, folder);
  await reuseport(accounts);
  await closeAll(accounts);
  return accounts;
}

module.exports = { scenario };
