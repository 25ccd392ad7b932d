/**
 * The API of the npm package unix-dgram 2.0.7: `require('node-unix-socket/unix-dgram')`. Callbacks and events of a call come
 * before it returns. In `node-unix-socket/unix-dgram-queued` sockets have a queue by default: see {@link SocketOptions}.
 *
 * @module node-unix-socket/unix-dgram
 */
/// <reference types="node" />
import { Socket as UdpSocket } from 'dgram';
import { EventEmitter } from 'events';

/** An error as unix-dgram 2.0.7 reports it: `code` is the negated errno. */
export interface UnixDgramError extends Error {
  /** Negated errno; 1 if the connected peer has no room, in which case the message was not sent. */
  code: number;
  /** Negated errno. Undefined if the peer is congested. */
  errno?: number | undefined;
  /** Name of the system call. Undefined if the peer is congested. */
  syscall?: string | undefined;
  /**
   * Name of the error, for example `'ECONNREFUSED'`; `'EAGAIN'` if the peer has no room; `'ERR_SOCKET_CLOSED'` after
   * `close()`. Not in unix-dgram.
   */
  nodeCode: string;
}

/** Size and sender of a message. */
export interface RemoteInfo {
  /** Length of the message in bytes. */
  size: number;
  /** Always empty, as in unix-dgram. */
  address: Record<string, never>;
  /** Path of the sender, null if it has none. */
  path: string | null;
}

/** Options of `createSocket`. Not in unix-dgram. */
export interface SocketOptions {
  /** The type of the socket. */
  type: 'unix_dgram';
  /**
   * Bytes of messages that wait, in order, while their receiver has no room; true for 1 MiB. `send` reports success for a
   * message that waits. If the socket is connected, or sends to one path only, messages also wait while no socket has that
   * path, and reach the socket that has it then. A message that exceeds the bound is refused as unix-dgram refuses one.
   * `close()` lets the process live until what waits is sent, but not longer than 200 ms in which the receiver takes
   * nothing. By default the environment variable `NODE_UNIX_SOCKET_UNIX_DGRAM_QUEUE` decides: 0 for none, 1 for 1 MiB, or
   * bytes.
   */
  queue?: boolean | number;
}

/**
 * A datagram socket with the members of unix-dgram. Events: 'message' (message, {@link RemoteInfo}), 'listening',
 * 'connect', 'congestion' (the message that was not sent), 'writable' (the connected peer has room again), 'error'
 * ({@link UnixDgramError}).
 */
export interface UnixDgramSocket extends EventEmitter {
  /** The descriptor, -1 once closed. The socket owns it: do not close it. */
  readonly fd: number;
  /** The type passed to `createSocket`. */
  readonly type: 'unix_dgram';
  /** True after `connect` has succeeded. */
  readonly connected?: true;
  /** Binds the socket. Emits 'listening' or 'error' before it returns. */
  bind(path: string): void;
  /** Sets the peer. Emits 'connect' or 'error' before it returns. */
  connect(path: string): void;
  /**
   * Sends `buf` to the connected peer. If the peer has no room, `callback` is called with an error of code 1, or
   * without a callback 'congestion' is emitted; 'writable' follows when the peer has room. Other errors are passed to
   * the callback, or emitted as 'error'. A string is sent as UTF-8, which unix-dgram does not do.
   */
  send(buf: Uint8Array | string, callback?: (err?: UnixDgramError) => void): void;
  /** The same as `sendto`, if the socket is not connected. A connected socket ignores all arguments but the first two. */
  send(buf: Uint8Array, offset: number, length: number, path: string, callback?: (err?: UnixDgramError) => void): void;
  /**
   * Sends `length` bytes of `buf`, from `offset`, to `path`. Without a callback an error is emitted as 'error'. If the
   * receiver has no room the error is EAGAIN, and 'writable' does not follow.
   */
  sendto(
    buf: Uint8Array,
    offset: number,
    length: number,
    path: string,
    callback?: (err?: UnixDgramError) => void,
  ): void;
  /** Closes the socket. Further calls do nothing. */
  close(): void;
  /** Address that the socket is bound to, '' if none. Not in unix-dgram. */
  address(): string;
  /** Undoes `unref()`. Not in unix-dgram. */
  ref(): this;
  /** Lets the process exit while the socket is open. Not in unix-dgram. */
  unref(): this;
}

/** Creates a unix datagram socket. `listener` is added as a listener of 'message'. */
export function createSocket(
  type: 'unix_dgram' | SocketOptions,
  listener?: (message: Buffer, info: RemoteInfo) => void,
): UnixDgramSocket;
/** Creates a UDP socket with `dgram.createSocket` of Node.js, as unix-dgram does. */
export function createSocket(type: 'udp4' | 'udp6', listener?: (...args: unknown[]) => void): UdpSocket;
