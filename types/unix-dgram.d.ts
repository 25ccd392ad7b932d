/**
 * The API of the npm package unix-dgram 2.0.7, implemented with DgramSocket: `require('node-unix-socket/unix-dgram')`.
 *
 * @module node-unix-socket/unix-dgram
 */
/// <reference types="node" />
import { Socket as UdpSocket } from 'dgram';
import { EventEmitter } from 'events';

/** An error as unix-dgram 2.0.7 reports it: `code` is the negated errno. */
export interface UnixDgramError extends Error {
  /** Negated errno; 1 if the peer is congested, in which case the message was not queued. */
  code: number;
  /** Negated errno. Undefined if the peer is congested. */
  errno?: number | undefined;
  /** Name of the system call. Undefined if the peer is congested. */
  syscall?: string | undefined;
  /** Name of the error, for example `'ECONNREFUSED'`; `'EAGAIN'` if the peer is congested. Not in unix-dgram. */
  nodeCode: string;
}

/** Size and sender of a message. */
export interface RemoteInfo {
  /** Length of the message in bytes. */
  size: number;
  /** Always empty, as in unix-dgram. */
  address: Record<string, never>;
  /** Address of the sender, null if it has no name. */
  path: string | null;
}

/**
 * A datagram socket with the members of unix-dgram. Events: 'message' (message, {@link RemoteInfo}), 'listening',
 * 'connect', 'congestion' (the message that was not queued), 'writable' (the connected peer has room again), 'error'
 * ({@link UnixDgramError}).
 */
export interface UnixDgramSocket extends EventEmitter {
  /** The descriptor, -1 once closed. The socket owns it: do not close it. */
  readonly fd: number;
  /** The type passed to `createSocket`. */
  readonly type: 'unix_dgram';
  /** True after `connect` has succeeded. */
  readonly connected: boolean;
  /** Binds the socket. Emits 'listening' or 'error' before it returns. */
  bind(path: string): void;
  /** Sets the peer. Emits 'connect' or 'error' before it returns. */
  connect(path: string): void;
  /**
   * Sends `buf` to the connected peer. If the peer is congested, `callback` is called with an error of code 1, or
   * without a callback 'congestion' is emitted; 'writable' follows when the peer has room.
   */
  send(buf: Uint8Array, callback?: (err?: UnixDgramError) => void): void;
  /** The same as `sendto`. */
  send(buf: Uint8Array, offset: number, length: number, path: string, callback?: (err?: UnixDgramError) => void): void;
  /** Sends `length` bytes of `buf`, from `offset`, to `path`. Without a callback an error is emitted as 'error'. */
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
  type: 'unix_dgram',
  listener?: (message: Buffer, info: RemoteInfo) => void,
): UnixDgramSocket;
/** Creates a UDP socket with `dgram.createSocket` of Node.js, as unix-dgram does. */
export function createSocket(type: 'udp4' | 'udp6', listener?: (...args: unknown[]) => void): UdpSocket;
