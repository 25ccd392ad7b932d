'use strict';
// Which calls are made to fail, with the errors their manual pages name, and what may come of each.

const CONGESTED = ['EAGAIN'];
const SEND = ['EAGAIN', 'EBADF', 'ECONNRESET', 'EMSGSIZE', 'ENOBUFS', 'ENOMEM', 'EPIPE'];

/**
 * quiet: where nothing may be told, and why: the library does without, or tries again.
 * uninterrupted: its manual page has no EINTR.
 * noticed: errors that are told although one call alone had them.
 * follows: errors that may be told beside the injected one, because of it.
 * keeps: a file that unlinkOnClose names stays where it fails.
 * "inet:" stands before calls on the sockets of createReuseportFd and listenReuseport; their servers are Node's.
 */
const CALLS = {
  socket: {
    errors: ['EACCES', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'],
    quiet: 'a probe has a timer in its place',
    follows: ['EADDRINUSE'], // whether a file is stale cannot be found out
  },
  socketpair: { errors: ['EMFILE', 'ENFILE', 'ENOMEM'] },
  bind: { errors: ['EACCES', 'EADDRINUSE', 'ENOMEM', 'EROFS'], quiet: 'unlinkStale binds again after EADDRINUSE' },
  connect: {
    errors: ['EACCES', 'EAGAIN', 'ECONNREFUSED', 'ENOENT', 'EPERM', 'EPROTOTYPE'],
    quiet: 'EAGAIN is tried again; a probe has a timer in its place',
    follows: ['ETIMEDOUT', 'EADDRINUSE'],
    noticed: ['EAGAIN'], // a probe for stale files takes it for a server that lives; disconnect() does not wait
  },
  listen: { errors: ['EADDRINUSE', 'EOPNOTSUPP'] },
  accept4: {
    errors: ['EAGAIN', 'EBADF', 'ECONNABORTED', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EPERM', 'EPROTO'],
    quiet: 'EAGAIN and ECONNABORTED are no faults of the server',
  },
  send: { errors: SEND },
  sendto: { errors: [...SEND, 'EACCES', 'ECONNREFUSED', 'ENOENT'] },
  sendmsg: { errors: [...SEND, 'ETOOMANYREFS'] },
  sendmmsg: { errors: SEND, quiet: 'what failed is sent once more, by itself' },
  recvmmsg: {
    errors: ['EAGAIN', 'EBADF', 'ECONNREFUSED', 'ECONNRESET', 'ENOMEM'],
    quiet: 'EAGAIN waits for the next event',
  },
  recv: { errors: ['EAGAIN', 'EBADF', 'ECONNRESET', 'ENOMEM'], quiet: 'EAGAIN waits for the next event' },
  recvmsg: { errors: ['EAGAIN', 'EBADF', 'ECONNRESET', 'ENOMEM'], quiet: 'a look at what is there to read' },
  setsockopt: { errors: ['ENOMEM', 'ENOPROTOOPT', 'EPERM'] },
  getsockopt: { errors: ['ENOBUFS', 'ENOPROTOOPT'], quiet: 'whether it listens is asked beside its kind' },
  getsockname: { errors: ['ENOBUFS'] },
  getpeername: { errors: ['ENOBUFS', 'ENOTCONN'], quiet: 'without a peer the name is empty' },
  shutdown: { errors: ['ENOTCONN'], quiet: 'the write side of a socket whose peer is gone is shut' },
  fchmod: { errors: ['EBADF', 'EIO', 'EPERM', 'EROFS'], quiet: 'what a failed bind had set is undone, or not' },
  statx: {
    errors: ['EACCES', 'ELOOP', 'ENOENT', 'ENOMEM', 'ENOTDIR'],
    quiet: 'what cannot be looked at is not removed: not as stale, not on close',
    uninterrupted: true,
    follows: ['EADDRINUSE'],
    keeps: true,
  },
  getcwd: { errors: ['EACCES', 'ENOENT', 'ENOMEM'], uninterrupted: true },
  open: {
    errors: ['EACCES', 'ELOOP', 'EMFILE', 'ENFILE', 'ENOENT', 'ENOMEM', 'ENOTDIR'],
    quiet: 'without the lock unlinkOnClose looks by itself',
  },
  chmod: { errors: ['EACCES', 'EIO', 'ELOOP', 'ENOENT', 'ENOMEM', 'ENOTDIR', 'EPERM', 'EROFS'], uninterrupted: true },
  fcntl: { errors: ['EMFILE', 'EPERM'] },
  poll: { errors: ['ENOMEM'], quiet: 'a question whose answer only helps' },
  ioctl: { errors: ['EBADF', 'EINVAL', 'ENOTTY'], quiet: 'a question whose answer only helps' },
  flock: {
    errors: ['EBADF', 'EINVAL', 'ENOLCK', 'EWOULDBLOCK'],
    quiet: 'without the lock unlinkOnClose looks by itself; EWOULDBLOCK is tried again',
    follows: ['EADDRINUSE'], // a lock that is never to be had
  },
  unlink: {
    errors: ['EACCES', 'EBUSY', 'EIO', 'ENOENT', 'ENOMEM', 'EPERM', 'EROFS'],
    quiet: 'a close tells nobody that the file stays',
    uninterrupted: true,
    keeps: true,
  },
  // Where libuv tries whether a descriptor can be watched at all; it ends the process where the call fails later.
  epoll_ctl: {
    errors: ['ENOMEM', 'ENOSPC', 'EPERM'],
    quiet: 'a probe has a timer in its place',
    uninterrupted: true,
  },
  close: { errors: ['EIO'], quiet: 'the descriptor is released all the same' },
  'inet:socket': {
    errors: ['EACCES', 'EAFNOSUPPORT', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EPROTONOSUPPORT'],
    uninterrupted: true,
  },
  'inet:setsockopt': { errors: ['EBADF', 'EINVAL', 'ENOPROTOOPT', 'ENOTSOCK'], uninterrupted: true },
  'inet:fcntl': { errors: ['EBADF', 'EPERM'], uninterrupted: true },
  'inet:bind': { errors: ['EACCES', 'EADDRINUSE', 'EADDRNOTAVAIL', 'EINVAL'], uninterrupted: true },
  'inet:listen': {
    errors: ['EADDRINUSE', 'EBADF', 'EOPNOTSUPP'],
    uninterrupted: true,
    follows: ['ENOTSUP'], // libuv's name of EOPNOTSUPP
  },
  'inet:getsockname': {
    errors: ['EBADF', 'ENOBUFS'],
    uninterrupted: true,
    follows: ['ERR_INVALID_FD_TYPE'], // what Node says of a descriptor it cannot ask
  },
  'inet:close': { errors: ['EIO'], quiet: 'the descriptor is released all the same' },
};

/** What a closed socket or a dead peer says. */
const AFTERMATH = ['ERR_SOCKET_CLOSED', 'ECONNRESET', 'EPIPE', 'ENOTCONN'];

module.exports = { AFTERMATH, CALLS, CONGESTED };
