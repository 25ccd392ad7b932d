'use strict';
// Which calls are made to fail, with the errors their manual pages name, and what may come of each.

const CONGESTED = ['EAGAIN'];
const SEND = ['EAGAIN', 'EBADF', 'ECONNRESET', 'EMSGSIZE', 'ENOBUFS', 'ENOMEM', 'EPIPE'];

/**
 * quiet: where nothing may be told, and why: the library does without, or tries again.
 * uninterrupted: its manual page has no EINTR.
 * noticed: errors that are told although one call alone had them.
 * follows: errors that may be told beside the injected one, because of it.
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
  fchmod: { errors: ['EIO', 'EPERM', 'EROFS'] },
  fcntl: { errors: ['EMFILE', 'EPERM'] },
  poll: { errors: ['ENOMEM'], quiet: 'a question whose answer only helps' },
  ioctl: { errors: ['EBADF', 'EINVAL', 'ENOTTY'], quiet: 'a question whose answer only helps' },
  flock: {
    errors: ['ENOLCK', 'EWOULDBLOCK'],
    quiet: 'without the lock unlinkOnClose looks by itself',
    follows: ['EADDRINUSE'],
  },
  unlink: {
    errors: ['EACCES', 'EBUSY', 'EPERM', 'EROFS'],
    quiet: 'a close tells nobody that the file stays',
    uninterrupted: true,
  },
  // Where libuv tries whether a descriptor can be watched at all; it ends the process where the call fails later.
  epoll_ctl: {
    errors: ['ENOMEM', 'ENOSPC', 'EPERM'],
    quiet: 'a probe has a timer in its place',
    uninterrupted: true,
  },
  close: { errors: ['EIO'], quiet: 'the descriptor is released all the same' },
};

/** What a closed socket or a dead peer says. */
const AFTERMATH = ['ERR_SOCKET_CLOSED', 'ECONNRESET', 'EPIPE', 'ENOTCONN'];

module.exports = { AFTERMATH, CALLS, CONGESTED };
