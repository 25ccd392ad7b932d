'use strict';
// The system calls that fail, the errors of their manual pages, and the allowed consequences.

const CONGESTED = ['EAGAIN'];
const SEND = ['EAGAIN', 'EBADF', 'ECONNRESET', 'EMSGSIZE', 'ENOBUFS', 'ENOMEM', 'EPIPE'];

/**
 * quiet: why the library need not report the error.
 * uninterrupted: the manual page has no EINTR.
 * noticed: errors that are reported although only one call failed with them.
 * follows: errors that may be reported in addition to the injected one.
 * keeps: the file of a socket with unlinkOnClose may remain.
 * "inet:" is the prefix of calls on the sockets of createReuseportFd and listenReuseport.
 */
const CALLS = {
  socket: {
    errors: ['EACCES', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'],
    quiet: 'a timer replaces a probe',
    follows: ['EADDRINUSE'], // the library cannot find out whether a file is stale
  },
  socketpair: { errors: ['EMFILE', 'ENFILE', 'ENOMEM'] },
  bind: { errors: ['EACCES', 'EADDRINUSE', 'ENOMEM', 'EROFS'], quiet: 'unlinkStale binds again after EADDRINUSE' },
  connect: {
    errors: ['EACCES', 'EAGAIN', 'ECONNREFUSED', 'ENOENT', 'EPERM', 'EPROTOTYPE'],
    quiet: 'EAGAIN is tried again; a timer replaces a probe',
    follows: ['ETIMEDOUT', 'EADDRINUSE'],
    noticed: ['EAGAIN'], // a probe for stale files treats it as an open server; disconnect() does not wait
  },
  listen: { errors: ['EADDRINUSE', 'EOPNOTSUPP'] },
  accept4: {
    errors: ['EAGAIN', 'EBADF', 'ECONNABORTED', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EPERM', 'EPROTO'],
    quiet: 'EAGAIN and ECONNABORTED are not errors of the server',
  },
  send: { errors: SEND },
  sendto: { errors: [...SEND, 'EACCES', 'ECONNREFUSED', 'ENOENT'] },
  sendmsg: { errors: [...SEND, 'ETOOMANYREFS'] },
  sendmmsg: { errors: SEND, quiet: 'a message that failed is sent again, alone' },
  recvmmsg: {
    errors: ['EAGAIN', 'EBADF', 'ECONNREFUSED', 'ECONNRESET', 'ENOMEM'],
    quiet: 'EAGAIN waits for the next event',
  },
  recv: { errors: ['EAGAIN', 'EBADF', 'ECONNRESET', 'ENOMEM'], quiet: 'EAGAIN waits for the next event' },
  recvmsg: { errors: ['EAGAIN', 'EBADF', 'ECONNRESET', 'ENOMEM'], quiet: 'only peeks at the next message' },
  setsockopt: {
    errors: ['ENOMEM', 'ENOPROTOOPT', 'EPERM'],
    quiet: 'only new kernels have SO_PASSRIGHTS and SO_PASSPIDFD',
  },
  getsockopt: { errors: ['ENOBUFS', 'ENOPROTOOPT'], quiet: 'SO_ACCEPTCONN is read in addition to SO_TYPE' },
  getsockname: { errors: ['ENOBUFS'] },
  getpeername: { errors: ['ENOBUFS', 'ENOTCONN'], quiet: 'the name is empty if there is no peer' },
  shutdown: { errors: ['ENOTCONN'], quiet: 'a socket whose peer has closed cannot send anyway' },
  fchmod: { errors: ['EBADF', 'EIO', 'EPERM', 'EROFS'], quiet: 'undoes a change of a failed bind' },
  statx: {
    errors: ['EACCES', 'ELOOP', 'ENOENT', 'ENOMEM', 'ENOTDIR'],
    quiet: 'a file whose status is unknown is not removed',
    uninterrupted: true,
    follows: ['EADDRINUSE'],
    keeps: true,
  },
  getcwd: { errors: ['EACCES', 'ENOENT', 'ENOMEM'], uninterrupted: true },
  open: {
    errors: ['EACCES', 'ELOOP', 'EMFILE', 'ENFILE', 'ENOENT', 'ENOMEM', 'ENOTDIR'],
  },
  chmod: { errors: ['EACCES', 'EIO', 'ELOOP', 'ENOENT', 'ENOMEM', 'ENOTDIR', 'EPERM', 'EROFS'], uninterrupted: true },
  fcntl: { errors: ['EMFILE', 'EPERM'] },
  poll: { errors: ['ENOMEM'], quiet: 'the call that follows does not wait' },
  ioctl: { errors: ['EBADF', 'EINVAL', 'ENOTTY'], quiet: 'only an optimisation' },
  flock: {
    errors: ['EBADF', 'EINVAL', 'ENOLCK', 'EWOULDBLOCK'],
    follows: ['EADDRINUSE'], // another process has the lock
  },
  unlink: {
    errors: ['EACCES', 'EBUSY', 'EIO', 'ENOENT', 'ENOMEM', 'EPERM', 'EROFS'],
    quiet: 'close() does not report that the file remains',
    uninterrupted: true,
    keeps: true,
  },
  // The first call, with which libuv checks that a descriptor can be polled. libuv aborts if a later call fails.
  epoll_ctl: {
    errors: ['ENOMEM', 'ENOSPC', 'EPERM'],
    quiet: 'a timer replaces a probe',
    uninterrupted: true,
  },
  close: { errors: ['EIO'], quiet: 'the descriptor is released anyway' },
  'inet:socket': {
    errors: ['EACCES', 'EAFNOSUPPORT', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EPROTONOSUPPORT'],
    uninterrupted: true,
  },
  'inet:setsockopt': {
    errors: ['EBADF', 'EINVAL', 'ENOPROTOOPT', 'ENOTSOCK'],
    uninterrupted: true,
    quiet: 'SO_REUSEADDR of a listening socket only helps after a restart',
  },
  'inet:fcntl': { errors: ['EBADF', 'EPERM'], uninterrupted: true },
  'inet:bind': {
    errors: ['EACCES', 'EADDRINUSE', 'EADDRNOTAVAIL', 'EINVAL'],
    uninterrupted: true,
    quiet: 'TCP binds again after EADDRINUSE',
  },
  'inet:listen': {
    errors: ['EADDRINUSE', 'EBADF', 'EOPNOTSUPP'],
    uninterrupted: true,
    follows: ['ENOTSUP'], // what libuv reports for EOPNOTSUPP
  },
  'inet:getsockname': {
    errors: ['EBADF', 'ENOBUFS'],
    uninterrupted: true,
    follows: ['ERR_INVALID_FD_TYPE'], // what Node.js throws for a descriptor whose kind is unknown
  },
  'inet:close': { errors: ['EIO'], quiet: 'the descriptor is released anyway' },
};

/** Errors of a closed socket or a closed peer. */
const AFTERMATH = ['ERR_SOCKET_CLOSED', 'ECONNRESET', 'EPIPE', 'ENOTCONN'];

module.exports = { AFTERMATH, CALLS, CONGESTED };
