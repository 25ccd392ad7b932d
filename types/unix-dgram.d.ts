/**
 * The API of the npm package unix-dgram 2.0.7 over DgramSocket: `require('node-unix-socket/unix-dgram')`.
 *
 * @module node-unix-socket/unix-dgram
 */
/// <reference types="node" />
import { Socket as UdpSocket } from 'dgram';
import { EventEmitter } from 'events';

/** As unix-dgram 2.0.7 gives them: `code` is the negative errno. */
export interface UnixDgramError extends Error {
  /** The negative errno, or 1 where the peer is congested: the message was not taken. */
  code: number;
  /** The negative errno. Not set for congestion. */
  errno?: number;
  /** Name of the system call that failed, as unix-dgram names it. */
  syscall?: string;
  /** Node's name of the error: `'ECONNREFUSED'`, `'ENOENT'`, ... Not in unix-dgram. */
  nodeCode: string;
}

/** Who sent a message. */
export interface RemoteInfo {
  /** Bytes of the message. */
  size: number;
  /** Always empty, as in unix-dgram. */
  address: Record<string, never>;
  /** null where the sender is unnamed. */
  path: string | null;
}

/**
 * A datagram socket as unix-dgram has it. Events: 'message' (message, {@link RemoteInfo}), 'listening', 'connect', 'congestion'
 * (the message that was not taken), 'writable', 'error' ({@link UnixDgramError}).
 */
export interface UnixDgramSocket extends EventEmitter {
  /** The descriptor, -1 when closed. */
  readonly fd: number;
  /** As given to `createSocket`. */
  readonly type: 'unix_dgram';
  /** Whether `connect` succeeded. */
  readonly connected: boolean;
  /** Emits 'listening', or 'error'. */
  bind(path: string): void;
  /** Emits 'connect', or 'error'. */
  connect(path: string): void;
  /** To the connected peer. Where that is congested: 'congestion', or the callback's error, and 'writable' later. */
  send(buf: Uint8Array, callback?: (err?: UnixDgramError) => void): void;
  /** `sendto`. */
  send(buf: Uint8Array, offset: number, length: number, path: string, callback?: (err?: UnixDgramError) => void): void;
  /** `send` with a path. */
  sendto(
    buf: Uint8Array,
    offset: number,
    length: number,
    path: string,
    callback?: (err?: UnixDgramError) => void,
  ): void;
  /** Closes at once; idempotent. */
  close(): void;
  /** The address it is bound to, '' when unnamed. Not in unix-dgram. */
  address(): string;
  /** Lets the socket keep the process alive again. Not in unix-dgram. */
  ref(): this;
  /** Lets the process end although the socket is open. Not in unix-dgram. */
  unref(): this;
}

/** `listener` is one of 'message'. */
export function createSocket(
  type: 'unix_dgram',
  listener?: (message: Buffer, info: RemoteInfo) => void,
): UnixDgramSocket;
/** Node's own `dgram.createSocket`, as in unix-dgram. */
export function createSocket(type: 'udp4' | 'udp6', listener?: (...args: unknown[]) => void): UdpSocket;
