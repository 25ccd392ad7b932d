/**
 * Unix datagram and seqpacket sockets, descriptor passing and SO_REUSEPORT for Node.js.
 *
 * **Errors.** A failed system call gives a {@link SystemError}. Misuse throws synchronously, before anything happens: a
 * `TypeError` or `RangeError` with `code` `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE` or
 * `ERR_SOCKET_BAD_PORT`. A call on a closed socket throws an `Error` with code `ERR_SOCKET_CLOSED`, except that `ref`,
 * `unref`, `close`, `destroy`, `end`, `pause` and `resume` do nothing then. What a platform lacks throws an `Error`
 * with code `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`. On Bun, Deno and Windows `require` succeeds and the first use throws
 * `ERR_UNSUPPORTED_RUNTIME` or `ERR_UNSUPPORTED_PLATFORM`, but for `createReuseportFd` and `closeFd`, which work on Bun and
 * Deno; where no binary fits, `require` throws `ERR_NATIVE_BINDING_NOT_FOUND`.
 *
 * **Reading.** Messages that arrive while nothing listens to 'data', or after `pause()`, are held (at most about 256 KiB
 * in the process, the rest in the kernel) and delivered when a listener is added or `resume()` is called; 'end' and
 * 'close' wait behind them. Ticks and microtasks run between messages, so `await once(socket, 'data')` in a loop loses
 * nothing. One exception: once the peer has ended, where 'end' or 'close' is listened to and 'data' never was, what is
 * held is discarded and 'end' follows. After `close()` or `destroy()` neither 'data' nor 'end' is emitted.
 *
 * **Life.** An open socket keeps the process alive, also while paused, until `unref()`. A descriptor is never inherited
 * by child processes. Everything is close-on-exec and non-blocking from its creation.
 *
 * **Diagnostics.** `util.inspect` shows a socket's state, `NODE_DEBUG=unix-socket` logs, and diagnostics_channel has
 * `node-unix-socket:create`, `:connect`, `:close` and `:drop`.
 *
 * @module node-unix-socket
 */
/// <reference types="node" />
import { EventEmitter } from 'events';
import { Server as NetServer } from 'net';
import { Duplex } from 'stream';

// biome-ignore lint/complexity/noUselessEmptyExport: without it everything declared here would be exported
export {};

declare global {
  // Declared identically by newer TypeScript and @types/node, with which it merges.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/**
 * Where a socket is: a filesystem path, or on Linux an abstract name, which is a string or Buffer whose first byte is
 * NUL. 1 to 108 bytes (104 on macOS), every byte counts; a pathname holds no NUL. Use a Buffer for names that are not
 * UTF-8. Abstract names have no file permissions: any process of the network namespace can connect. See unix(7).
 */
export type SocketPath = string | Buffer;

/**
 * One message. An array is ONE message gathered from its parts in one sendmsg(2), without copying them together.
 * Strings are sent as UTF-8. An empty message is a message.
 */
export type Message = string | NodeJS.ArrayBufferView | ReadonlyArray<string | NodeJS.ArrayBufferView>;

/** Identity of a peer process, verified by the kernel: ids as this process's namespaces show them. See unix(7). */
export interface Credentials {
  /** Process id. */
  pid: number;
  /** Effective user id. */
  uid: number;
  /** Effective group id. */
  gid: number;
}

/** What came with a message. See recvmsg(2). */
export interface MessageInfo {
  /** Bytes the peer sent; larger than `data.length` when the message did not fit `readBufferSize`. */
  size: number;
  /** Whether the message was longer than `readBufferSize`: the bytes beyond it are lost for ever (MSG_TRUNC). */
  truncated: boolean;
  /**
   * Received descriptors, close-on-exec. They belong to the listener, which has to close them (`fs.close`, or by
   * handing them to a socket). Empty unless `receiveFds`. Where only consumers of the bytes alone take the message (the
   * async iterator of a connection, `toDuplex`), they are closed.
   */
  fds: number[];
  /** Whether the kernel dropped descriptors the peer attached (MSG_CTRUNC), for example at the limit of open files. */
  fdsTruncated?: true;
  /** Who sent the message. Linux; null unless `receiveCredentials`. */
  credentials: Credentials | null;
  /**
   * Datagram only: the sender's address as exact bytes, for names that are not UTF-8; it can be given to `send` as it
   * is. Empty when the sender is unnamed.
   */
  rawPath?: Buffer;
}

/** A failed system call, as Node.js reports its own. The message is `${syscall} ${code}: ${system's text}[, ${path}]`. */
export interface SystemError extends Error {
  /** Name of the error, for example `ECONNREFUSED`; errno(3). */
  code: string;
  /** Its number, negative. */
  errno: number;
  /** Name of the system call that failed, for example `connect`. */
  syscall: string;
  /** The address concerned, where there is one. */
  path?: string;
}

/** The part of an `AbortSignal` that is used; every `AbortSignal` is one. Node.js has them from 15 on. */
export interface AbortSignalLike {
  /** Whether it is aborted already. */
  readonly aborted: boolean;
  /** Calls `listener` when it is aborted. */
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  /** Takes the listener back. */
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Called exactly once, in the order of the calls, never before the call returns. Called with null, or with the error:
 * a {@link SystemError}, or `ERR_SOCKET_CLOSED` when the socket closed with the message still queued. Sent means handed
 * to the kernel, not read by the peer.
 */
export type SendCallback = (err: Error | null) => void;

/** {@link SendCallback} by the name it had in 0.2.7. */
export type SendCb = (err?: Error | null) => void;

/** A callback without a parameter: called on success only. */
export type NotifyCb = () => void;

/** Options of {@link DgramSocket} and {@link SeqpacketSocket}. */
export interface SocketOptions {
  /**
   * Adopt this descriptor, which the socket owns from then on. It must be an AF_UNIX socket of the class's type (0 is
   * valid); otherwise it is left untouched and the constructor throws.
   */
  fd?: number;
  /** Largest message received whole, in bytes. A longer one is cut and `info.truncated` set. Default 262144. */
  readBufferSize?: number;
  /** Bytes queued in user space at which `write` and `send` return false. Default 65536. */
  writableHighWaterMark?: number;
  /**
   * Hard bound, in bytes, of the queue in user space: a message beyond it is refused with `ENOBUFS` to its callback and
   * counted in `droppedMessages`. Default Infinity.
   */
  maxQueuedBytes?: number;
  /** Accept descriptors (SCM_RIGHTS). Default false: what a peer attaches never enters the process. */
  receiveFds?: boolean;
  /** Attach the sender's credentials to every message (SCM_CREDENTIALS). Linux. Default false. */
  receiveCredentials?: boolean;
  /** Do not start reading until `resume()`. Default false. */
  paused?: boolean;
  /** Its abort closes the socket with an `AbortError` in an 'error' event. */
  signal?: AbortSignalLike;
}

/** Options of one message. */
export interface SendOptions {
  /**
   * Descriptors to pass (SCM_RIGHTS), at most 253. They are duplicated before the call returns: the caller may close
   * its own at once. See unix(7).
   */
  fds?: ReadonlyArray<number>;
}

/** How a socket file is made and removed. None of it concerns abstract names. */
export interface BindOptions {
  /** Permission bits of the socket file, whatever the umask, in force before any peer can reach it. See chmod(2). */
  mode?: number;
  /**
   * Remove the file at the path first if, and only if, it is a socket that nobody serves (connect(2) answers
   * `ECONNREFUSED`). Default false.
   */
  unlinkStale?: boolean;
  /** Remove the file on close, if it is still the one this socket made (same device and inode). Default false. */
  unlinkOnClose?: boolean;
}

/** Options of {@link SeqpacketServer.listen}: exactly one of `path` and `fd`. */
export interface ListenOptions extends BindOptions {
  /** Where to listen. */
  path?: SocketPath;
  /** A bound or listening SOCK_SEQPACKET descriptor to adopt, for example 3 from systemd's socket activation. */
  fd?: number;
  /** Connections the kernel keeps waiting; bounded by net.core.somaxconn. See listen(2). Default 511. */
  backlog?: number;
  /** Options for the accepted sockets. */
  socket?: Omit<SocketOptions, 'fd' | 'signal'>;
  /** Its abort closes the server. */
  signal?: AbortSignalLike;
}

/** Options of {@link SeqpacketSocket.connect}. */
export interface ConnectOptions {
  /** The server. */
  path: SocketPath;
  /** Milliseconds to keep trying while the server's backlog is full (`EAGAIN`). 0 fails at once. Default 10000. */
  timeout?: number;
  /** Its abort closes the socket with an `AbortError` in an 'error' event. */
  signal?: AbortSignalLike;
}

/** Options of {@link listenReuseport}. */
export interface ListenReuseportOptions {
  /** TCP port; 0 lets the kernel pick one, which others can then share. */
  port: number;
  /** IPv4 or IPv6 address, not a name. Default '0.0.0.0'. */
  host?: string;
  /** Connections the kernel keeps waiting. See listen(2). Default 511. */
  backlog?: number;
  /** With an IPv6 host: do not serve IPv4 too (IPV6_V6ONLY). Default false. */
  ipv6Only?: boolean;
}

/** Events of {@link DgramSocket}. */
export interface DgramSocketEvents {
  /** A message arrived. `path` is the sender's address, '' when unnamed. */
  data: (buf: Buffer, path: string, info: MessageInfo) => void;
  /** A system call failed, or a message without a callback did. The socket lives on unless 'close' follows. */
  error: (err: Error) => void;
  /** The queue fell below `writableHighWaterMark` after `send` or `sendTo` had returned false. */
  drain: () => void;
  /** `connect()` fixed the peer. */
  connect: () => void;
  /** The socket is closed; the last event. */
  close: () => void;
}

/** Events of {@link SeqpacketServer}. */
export interface SeqpacketServerEvents {
  /** The server listens. */
  listening: () => void;
  /** A connection was made. `path` is the address its client is bound to, '' as a rule. Not listened to: it is closed. */
  connection: (socket: SeqpacketSocket, path: string) => void;
  /** Accepting failed, for example with `EMFILE`; the server tries again by itself. */
  error: (err: Error) => void;
  /** The server is closed; the last event. */
  close: () => void;
}

/** Events of {@link SeqpacketSocket}. */
export interface SeqpacketSocketEvents {
  /** `connect()` succeeded. */
  connect: () => void;
  /** A message arrived. */
  data: (buf: Buffer, info: MessageInfo) => void;
  /** The queue fell below `writableHighWaterMark` after `write` had returned false. */
  drain: () => void;
  /** The peer has shut its write side down, and all it sent has been delivered. */
  end: () => void;
  /** A system call failed, or a message without a callback did. The socket lives on unless 'close' follows. */
  error: (err: Error) => void;
  /** The socket is closed; the last event. It closes by itself once both sides have ended. */
  close: () => void;
  /** The write side is shut. @deprecated kept for 0.2.7's callers: give `end()` a callback */
  _shutdown: () => void;
}

// biome-ignore lint/suspicious/noExplicitAny: what EventEmitter itself takes
type AnyListener = (...args: any[]) => void;
type EventMap<Events> = { [Name in keyof Events]: AnyListener };
type EventName<Events> = keyof Events | (string & {}) | symbol;
/** The listener of an event: as the map says, or any function for events that are not in it. */
type Listener<Events extends EventMap<Events>, Name> = Name extends keyof Events ? Events[Name] : AnyListener;

/** An EventEmitter whose events are known. It exists for the compiler only. */
declare class TypedEmitter<Events extends EventMap<Events>> extends EventEmitter {
  on<Name extends EventName<Events>>(event: Name, listener: Listener<Events, Name>): this;
  once<Name extends EventName<Events>>(event: Name, listener: Listener<Events, Name>): this;
  off<Name extends EventName<Events>>(event: Name, listener: Listener<Events, Name>): this;
  addListener<Name extends EventName<Events>>(event: Name, listener: Listener<Events, Name>): this;
  removeListener<Name extends EventName<Events>>(event: Name, listener: Listener<Events, Name>): this;
  prependListener<Name extends EventName<Events>>(event: Name, listener: Listener<Events, Name>): this;
  prependOnceListener<Name extends EventName<Events>>(event: Name, listener: Listener<Events, Name>): this;
  emit<Name extends EventName<Events>>(event: Name, ...args: Parameters<Listener<Events, Name>>): boolean;
}

/** What a {@link DgramSocket} yields to `for await`. */
export interface ReceivedDatagram {
  /** The message. */
  data: Buffer;
  /** The sender's address, '' when unnamed. */
  path: string;
  /** What came with it. */
  info: MessageInfo;
}

/**
 * A SOCK_DGRAM socket: messages with boundaries, without connections. Unlike UDP's they are reliable and ordered. A
 * destination whose queue is full (net.unix.max_dgram_qlen, 10 by default on Linux) delays the messages to it, and no
 * others. Events: {@link DgramSocketEvents}. See unix(7).
 */
export class DgramSocket extends TypedEmitter<DgramSocketEvents> {
  /** An argument that is not an options object is ignored, as 0.2.7 did. */
  constructor(options?: SocketOptions);
  /**
   * Gives the socket an address, so that others can send to it. Without a path (Linux) the kernel picks an abstract
   * name. Throws a {@link SystemError}, for example `EADDRINUSE` where the file exists, and leaves none of its own; where
   * the file was made, but not as asked for (`chmod`), the socket is closed, too: a name is for life. See bind(2).
   */
  bind(path?: SocketPath, options?: BindOptions): void;
  /** Sends `length` bytes from `offset` to `destPath`; the result is that of `send`. See sendto(2). */
  sendTo(buf: Uint8Array, offset: number, length: number, destPath: SocketPath, cb?: SendCb): boolean;
  /**
   * Sends one message, to `destPath` or to the connected peer. False: the queue is at or above `writableHighWaterMark`,
   * better wait for 'drain'. A failure goes to the callback, or to 'error' where there is none: `ENOENT`,
   * `ECONNREFUSED` (nobody serves the path), `EMSGSIZE` (longer than SO_SNDBUF), `ENOTCONN`. See sendmsg(2).
   */
  send(msg: Message, cb?: SendCallback): boolean;
  send(msg: Message, destPath: SocketPath, cb?: SendCallback): boolean;
  send(msg: Message, destPath: SocketPath | undefined, options: SendOptions, cb?: SendCallback): boolean;
  /**
   * Fixes the peer: `send` needs no path, and only its messages arrive. Throws a {@link SystemError}, for example
   * `ECONNREFUSED` or `EPERM` (the peer is connected elsewhere). Can be called again. See connect(2).
   */
  connect(path: SocketPath): void;
  /** Forgets the peer of `connect`. */
  disconnect(): void;
  /** This socket's address, '' when unnamed; an abstract name starts with '\0'. See getsockname(2). */
  address(): string;
  /** The connected peer's address. '' where there is none. See getpeername(2). */
  remoteAddress(): string;
  /** SO_RCVBUF in bytes, as the kernel counts (Linux doubles what was set). See socket(7). */
  getRecvBufferSize(): number;
  /** Sets SO_RCVBUF, in bytes; bounded by net.core.rmem_max. */
  setRecvBufferSize(size: number): void;
  /** SO_SNDBUF in bytes, as the kernel counts. It bounds the longest message. */
  getSendBufferSize(): number;
  /** Sets SO_SNDBUF, in bytes; bounded by net.core.wmem_max. */
  setSendBufferSize(size: number): void;
  /**
   * Collects messages until `uncork()`, then sends them in as few system calls as the platform allows (sendmmsg(2) on
   * Linux). A message of 32 KiB or more goes at once, after those collected before it. Calls nest.
   */
  cork(): void;
  /** Ends the innermost `cork()`. Happens by itself at the end of the tick. */
  uncork(): void;
  /** Stops delivering: no 'data' follows, also none of a batch already read. Nothing is lost. */
  pause(): this;
  /** Delivers again. */
  resume(): this;
  /** Whether `pause()`, or the option `paused`, is in force. */
  isPaused(): boolean;
  /** Lets the socket keep the process alive again. */
  ref(): this;
  /** Lets the process end although the socket is open. */
  unref(): this;
  /** The descriptor, -1 when closed. It stays the socket's own: do not close it. */
  readonly fd: number;
  /** Whether the socket is closed. */
  readonly closed: boolean;
  /** Bytes queued in user space. */
  readonly writableLength: number;
  /** As given at construction. */
  readonly writableHighWaterMark: number;
  /** Whether 'drain' will come. */
  readonly writableNeedDrain: boolean;
  /** Messages refused because of `maxQueuedBytes`. */
  readonly droppedMessages: number;
  /** Bytes of the messages received. */
  readonly bytesRead: number;
  /** Bytes of the messages handed to the kernel. */
  readonly bytesWritten: number;
  /** Closes. What is queued is dropped, its callbacks get `ERR_SOCKET_CLOSED`. Idempotent; every `cb` is called. */
  close(cb?: () => void): void;
  /** Closes; resolves with 'close'. */
  [Symbol.asyncDispose](): Promise<void>;
  /** Ends on close, throws on error, loses nothing between turns: the socket is paused while the consumer is behind. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ReceivedDatagram>;
}

/** A SOCK_SEQPACKET listener. Linux. Events: {@link SeqpacketServerEvents}. See unix(7). */
export class SeqpacketServer extends TypedEmitter<SeqpacketServerEvents> {
  /** `maxConnections`: see the property. Throws `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM` outside Linux. */
  constructor(options?: { maxConnections?: number });
  /**
   * Starts listening, synchronously; throws a {@link SystemError} on failure (`EADDRINUSE`, `EACCES`, `ENOENT`) and can
   * be called again after one. `cb` is a listener of 'listening'. See bind(2) and listen(2).
   */
  listen(path: SocketPath, backlog?: number, cb?: () => void): this;
  listen(options: ListenOptions, cb?: () => void): this;
  /** The address it listens on; an abstract name starts with '\0'. */
  address(): string;
  /** Stops accepting and keeps the connections. Idempotent; every `cb` is called. */
  close(cb?: () => void): void;
  /** Lets the server keep the process alive again. */
  ref(): this;
  /** Lets the process end although the server is open. */
  unref(): this;
  /** The descriptor, -1 when there is none. It stays the server's own: do not close it. */
  readonly fd: number;
  /** Whether it accepts connections. */
  readonly listening: boolean;
  /** Whether the server is closed. */
  readonly closed: boolean;
  /** Connections beyond it are accepted, closed at once and counted in `droppedConnections`. Default Infinity. */
  maxConnections: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Connections closed because of `maxConnections`. */
  readonly droppedConnections: number;
  /** Closes; resolves with 'close'. */
  [Symbol.asyncDispose](): Promise<void>;
  /** Yields the connections; ends on close, throws on error. */
  [Symbol.asyncIterator](): AsyncIterableIterator<SeqpacketSocket>;
}

/**
 * A SOCK_SEQPACKET connection: ordered, reliable, with message boundaries. Linux. Events: {@link SeqpacketSocketEvents}.
 * See unix(7).
 */
export class SeqpacketSocket extends TypedEmitter<SeqpacketSocketEvents> {
  /** A number is a connected descriptor to adopt. */
  constructor(fd?: number);
  constructor(options?: SocketOptions);
  /**
   * Connects. Throws a {@link SystemError} at once, and closes the socket, where the path cannot be connected to
   * (`ENOENT`, `ECONNREFUSED`, `EACCES`); a full backlog (`EAGAIN`) is retried for `timeout`, then it is an 'error'.
   * `write` and `end` may be called before 'connect'. On a connected socket: throws `EISCONN`. See connect(2).
   */
  connect(path: SocketPath, cb?: NotifyCb): void;
  connect(options: ConnectOptions, cb?: NotifyCb): void;
  /**
   * Sends one message: `length` bytes from `offset`, or a whole {@link Message}. False: the queue is at or above
   * `writableHighWaterMark`, better wait for 'drain'. A failure goes to the callback, or to 'error' where there is none;
   * `EMSGSIZE` (longer than SO_SNDBUF) leaves the connection alive. A callback that declares no parameter is 0.2.7's
   * {@link NotifyCb}: called on success only. See sendmsg(2).
   */
  write(buf: Uint8Array, offset?: number, length?: number, cb?: NotifyCb | SendCallback): boolean;
  write(msg: Message, cb?: SendCallback): boolean;
  write(msg: Message, options: SendOptions, cb?: SendCallback): boolean;
  /** Half-closes once what is queued, and `msg`, is sent; then `cb` is called. Reading goes on. See shutdown(2). */
  end(cb?: NotifyCb): void;
  end(msg: Message, cb?: NotifyCb): void;
  /** The option `readBufferSize`, in bytes. */
  getInternalReadBufferSize(): number;
  /** Changes `readBufferSize`, in bytes. */
  setInternalReadBufferSize(size: number): void;
  /** Lets the socket keep the process alive again. */
  ref(): this;
  /** Lets the process end although the socket is open. */
  unref(): this;
  /** Closes at once; `err` is emitted as 'error' before 'close'. What is queued is dropped. Idempotent. */
  destroy(err?: Error): this;
  /** `destroy()` without an error. */
  close(): void;
  /** For tests: 1 new, 2 half-close pending, 3 write side shut, 5 closed. @internal */
  _state(): number;
  /** This end's address, '' when unnamed. See getsockname(2). */
  address(): string;
  /** The other end's address, '' when unnamed. See getpeername(2). */
  remoteAddress(): string;
  /** Who was at the other end when the connection was made (SO_PEERCRED). See unix(7). */
  peerCredentials(): Credentials;
  /** SO_RCVBUF in bytes, as the kernel counts (Linux doubles what was set). See socket(7). */
  getRecvBufferSize(): number;
  /** Sets SO_RCVBUF, in bytes; bounded by net.core.rmem_max. */
  setRecvBufferSize(size: number): void;
  /**
   * SO_SNDBUF in bytes, as the kernel counts. It bounds the longest message. On Linux it doubles, once, when the
   * peer reads and it is full again, unless it was set or 128 other connections have more; the longest message stays
   * what it was.
   */
  getSendBufferSize(): number;
  /** Sets SO_SNDBUF, in bytes; bounded by net.core.wmem_max. */
  setSendBufferSize(size: number): void;
  /**
   * Collects messages until `uncork()`, then sends them in as few system calls as the platform allows (sendmmsg(2)).
   * A message of 32 KiB or more goes at once, after those collected before it. Calls nest.
   */
  cork(): void;
  /** Ends the innermost `cork()`. Happens by itself at the end of the tick. */
  uncork(): void;
  /** Stops delivering: no 'data' follows, also none of a batch already read. Nothing is lost. */
  pause(): this;
  /** Delivers again. */
  resume(): this;
  /** Whether `pause()`, or the option `paused`, is in force. */
  isPaused(): boolean;
  /** The descriptor, -1 when closed. It stays the socket's own: do not close it. */
  readonly fd: number;
  /** Whether `connect()` is under way: the server's backlog is full. */
  readonly connecting: boolean;
  /** Whether the socket is closed. */
  readonly closed: boolean;
  /** As `closed`. */
  readonly destroyed: boolean;
  /** Bytes queued in user space. */
  readonly writableLength: number;
  /** As given at construction. */
  readonly writableHighWaterMark: number;
  /** Whether 'drain' will come. */
  readonly writableNeedDrain: boolean;
  /** Messages refused because of `maxQueuedBytes`. */
  readonly droppedMessages: number;
  /** Bytes of the messages received. */
  readonly bytesRead: number;
  /** Bytes of the messages handed to the kernel. */
  readonly bytesWritten: number;
  /** A stream over this socket, one chunk a message (`readableObjectMode`), with backpressure both ways. */
  toDuplex(): Duplex;
  /** Closes; resolves with 'close'. */
  [Symbol.asyncDispose](): Promise<void>;
  /** Ends with the peer or on close, throws on error, loses nothing between turns. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer>;
}

/** Two connected sockets, without a path. 'seqpacket': Linux. See socketpair(2). */
export function createSocketPair(type: 'seqpacket', options?: SocketOptions): [SeqpacketSocket, SeqpacketSocket];
export function createSocketPair(type: 'dgram', options?: SocketOptions): [DgramSocket, DgramSocket];

/**
 * A socket bound to `host` (an address, default '0.0.0.0') and `port` (default 0: the kernel picks) with SO_REUSEADDR
 * and SO_REUSEPORT, close-on-exec. Type 'tcp', the default, is for `net.Server#listen({ fd })`, 'udp' for
 * `dgram.Socket#bind({ fd })`. Whoever gets the descriptor owns it; otherwise `closeFd` it. Throws
 * `ERR_SOCKET_BAD_PORT`, or a {@link SystemError} such as `EADDRINUSE`. See socket(7).
 */
export function createReuseportFd(port?: number, host?: string): number;
export function createReuseportFd(
  port: number,
  host: string,
  options: { type?: 'tcp' | 'udp'; ipv6Only?: boolean },
): number;

/** Closes a descriptor. Throws `EBADF` where it is not open. See close(2). */
export function closeFd(fd: number): void;

/**
 * `server.listen` on a SO_REUSEPORT socket of its own: in a plain process, a child, a worker thread and, unlike
 * `listen({ fd })`, in a cluster worker. The kernel then spreads the connections over all that listen, and the primary
 * does nothing. `cb` is a listener of 'listening'. Returns `server`.
 *
 * Connections in the queue of a server that closes are reset by Linux unless `net.ipv4.tcp_migrate_req` is 1
 * (Linux 5.14), which hands them to the other listeners of the port. macOS hands over none.
 */
export function listenReuseport<S extends NetServer>(server: S, options: ListenReuseportOptions, cb?: () => void): S;
