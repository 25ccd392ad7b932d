/// <reference types="node" />
import { Socket as UdpSocket } from 'dgram';
import { EventEmitter } from 'events';

/** As unix-dgram 2.0.7 gives them: `code` is the negative errno. */
export interface UnixDgramError extends Error {
  /** The negative errno, or 1 where the peer is congested: the message was not taken. */
  code: number;
  /** The negative errno. Not set for congestion. */
  errno?: number;
  syscall?: string;
  /** Node's name of the error: `'ECONNREFUSED'`, `'ENOENT'`, ... Not in unix-dgram. */
  nodeCode: string;
}

export interface RemoteInfo {
  size: number;
  address: Record<string, never>;
  /** null where the sender is unnamed. */
  path: string | null;
}

export class UnixDgramSocket extends EventEmitter {
  private constructor();
  readonly fd: number;
  readonly type: 'unix_dgram';
  readonly connected: boolean;
  /** Emits 'listening', or 'error'. */
  bind(path: string): void;
  /** Emits 'connect', or 'error'. */
  connect(path: string): void;
  /** To the connected peer. Where that is congested: 'congestion', or the callback's error, and 'writable' later. */
  send(buf: Uint8Array, callback?: (err?: UnixDgramError) => void): void;
  send(buf: Uint8Array, offset: number, length: number, path: string, callback?: (err?: UnixDgramError) => void): void;
  sendto(
    buf: Uint8Array,
    offset: number,
    length: number,
    path: string,
    callback?: (err?: UnixDgramError) => void,
  ): void;
  close(): void;
  /** Not in unix-dgram, as are ref and unref. */
  address(): string;
  ref(): this;
  unref(): this;
}

export function createSocket(
  type: 'unix_dgram',
  listener?: (message: Buffer, info: RemoteInfo) => void,
): UnixDgramSocket;
export function createSocket(type: 'udp4' | 'udp6', listener?: (...args: unknown[]) => void): UdpSocket;
