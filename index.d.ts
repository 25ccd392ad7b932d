/**
 * Unix seqpacket and datagram sockets, descriptor passing, and TCP and UDP sockets with SO_REUSEPORT for Node.js.
 *
 * **Errors.** A failed system call is reported as a {@link SystemError}. A wrong argument throws a `TypeError` or
 * `RangeError` before the call has any effect; its `code` is `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`,
 * `ERR_OUT_OF_RANGE` or `ERR_SOCKET_BAD_PORT`. A method call on a closed socket throws an `Error` with code
 * `ERR_SOCKET_CLOSED`; only `ref`, `unref`, `close`, `destroy`, `end`, `pause` and `resume` do nothing instead. A
 * feature that the platform lacks throws a `TypeError` with code `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM`. On Bun, Deno
 * and Windows `require` succeeds, and the first use of a class or function throws `ERR_UNSUPPORTED_RUNTIME` or
 * `ERR_UNSUPPORTED_PLATFORM`; `createReuseportFd` and `closeFd` work on Bun and Deno. If no binary fits the platform,
 * `require` throws `ERR_NATIVE_BINDING_NOT_FOUND`.
 *
 * **Receiving.** Messages that arrive while the socket has no 'data' listener, or is paused, are delivered when a
 * listener is added or `resume()` is called; 'end' and 'close' are emitted after them. They wait in the kernel, except
 * the rest of the batch that one recvmmsg(2) returned (at most 64 messages), which waits in the process.
 * `process.nextTick` callbacks and microtasks run between two messages, so `await once(socket, 'data')` in a loop
 * misses no message. Exception: if the peer has ended, and the socket has a listener for 'end' or 'close' but never had
 * one for 'data', the messages that wait are discarded and 'end' is emitted. Neither 'data' nor 'end' is emitted after
 * `close()` or `destroy()`.
 *
 * **Lifetime.** A DgramSocket, a connected or connecting SeqpacketSocket and a listening SeqpacketServer keep the
 * process alive until they are closed, even while paused, unless `unref()` is called. All descriptors are close-on-exec
 * and non-blocking (on Linux from their creation), so child processes do not inherit them.
 *
 * **Diagnostics.** `util.inspect` shows the state of a socket, `NODE_DEBUG=unix-socket` logs sockets and failed
 * messages, and the diagnostics_channel names are `node-unix-socket:create`, `:connect`, `:close` and `:drop`.
 *
 * @module node-unix-socket
 */
/// <reference types="node" />
import { EventEmitter } from 'events';
import { Server as NetServer, Socket as NetSocket } from 'net';
import { Duplex } from 'stream';

// biome-ignore lint/complexity/noUselessEmptyExport: without it TypeScript would export every declaration of this file
export {};

declare global {
  // Newer versions of TypeScript and @types/node have the same declaration; the two merge.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/**
 * A filesystem path, or on Linux an abstract name: a string or Buffer that starts with a NUL byte. 1 to 108 bytes (104
 * on macOS). A pathname contains no NUL byte; an abstract name is exactly as long as given, without padding. Use a
 * Buffer for names that are not UTF-8. Abstract names have no permissions: any process of the network namespace can
 * connect to one. See unix(7).
 */
export type SocketPath = string | Buffer;

/**
 * One message. Strings are encoded as UTF-8. The parts of an array are sent as ONE message by one sendmsg(2), without
 * being copied together (unless there are more than 1,024). A message of 0 bytes is sent like any other.
 */
export type Message = string | NodeJS.ArrayBufferView | ReadonlyArray<string | NodeJS.ArrayBufferView>;

/**
 * Identity of a process, verified by the kernel and translated into the namespaces of this process. See SO_PEERCRED and
 * SCM_CREDENTIALS in unix(7).
 */
export interface Credentials {
  /** Process id; 0 if the process is in no pid namespace that this process can see. */
  pid: number;
  /**
   * User id: the effective one from `peerCredentials()`; from a message, the real one unless the sender chose another.
   */
  uid: number;
  /**
   * Group id: the effective one from `peerCredentials()`; from a message, the real one unless the sender chose another.
   */
  gid: number;
}

/** What recvmsg(2) returned together with the bytes of a message. */
export interface MessageInfo {
  /**
   * Length of the message as sent, in bytes; larger than `data.length` if the message was truncated. On macOS always
   * `data.length`.
   */
  size: number;
  /** True if the message was longer than `readBufferSize` (MSG_TRUNC). The bytes beyond that are lost. */
  truncated: boolean;
  /**
   * Received descriptors (SCM_RIGHTS), close-on-exec. The listener owns them and has to close them, with `fs.close`,
   * {@link closeFd} or by passing them to a socket that takes ownership. Empty unless `receiveFds` is set. The async
   * iterator of a SeqpacketSocket and `toDuplex()` hand on bytes only: if nothing else listens to 'data', the
   * descriptors are closed.
   */
  fds: number[];
  /** True if the kernel dropped descriptors of the message (MSG_CTRUNC), for example at the limit of open files. */
  fdsTruncated?: true;
  /** The sender. Linux only; null unless `receiveCredentials` is set. */
  credentials: Credentials | null;
  /**
   * Datagrams only: address of the sender as bytes, for names that are not UTF-8. Can be passed to `send`. Empty if the
   * sender has no name.
   */
  rawPath?: Buffer;
}

/**
 * A failed system call. The message is `${syscall} ${code}: ${description}`, followed by `, ${path}` if there is a
 * path; an abstract name starts with '@' there.
 */
export interface SystemError extends Error {
  /** Name of the error, for example `'ECONNREFUSED'`. See errno(3). */
  code: string;
  /** Negated errno, for example -111. */
  errno: number;
  /** Name of the system call, for example `'connect'`. */
  syscall: string;
  /** Address that the call was made with; an abstract name starts with '\0'. */
  path?: string;
}

/** The members of `AbortSignal` that this package uses. Every `AbortSignal` (Node.js 15 and later) has them. */
export interface AbortSignalLike {
  /** True once the signal is aborted. */
  readonly aborted: boolean;
  /** Adds a listener for 'abort'. */
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  /** Removes a listener for 'abort'. */
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Callback of a message. It is called exactly once, after the call that took it has returned, in the order of the calls
 * to one destination. `err` is null when the kernel has accepted the message (the peer may not have read it yet);
 * otherwise a {@link SystemError}, or an `Error` with code `ERR_SOCKET_CLOSED` if the socket was closed while the
 * message was queued.
 */
export type SendCallback = (err: Error | null) => void;

/** Callback of `sendTo`, as declared by 0.2.7. It is called like a {@link SendCallback}. */
export type SendCb = (err?: Error | null) => void;

/** A callback without a parameter. It is called on success only. */
export type NotifyCb = () => void;

/** Options of {@link DgramSocket} and {@link SeqpacketSocket}. */
export interface SocketOptions {
  /**
   * Descriptor to adopt: an AF_UNIX socket of the type of the class, connected in the case of SeqpacketSocket. The
   * socket object owns it and closes it. If the constructor throws (`EBADF`, `ENOTSOCK`, `EPROTOTYPE`, `ENOTCONN`,
   * `EINVAL` if it listens, `EEXIST` if another socket object owns it), the descriptor stays open and the caller keeps
   * owning it.
   */
  fd?: number;
  /** Largest message received whole, in bytes, 1 to 1 GiB. A longer one is truncated. Default 262144. */
  readBufferSize?: number;
  /** Bytes queued in the process at which `write` and `send` return false. Default 65536. */
  writableHighWaterMark?: number;
  /**
   * Limit of the bytes queued in the process. A message that would exceed it fails with `ENOBUFS` and is counted in
   * `droppedMessages`. Default Infinity.
   */
  maxQueuedBytes?: number;
  /** Receive descriptors (SCM_RIGHTS). If false, the kernel discards those that a peer attaches. Default false. */
  receiveFds?: boolean;
  /** Receive the credentials of the sender with every message (SCM_CREDENTIALS). Linux only. Default false. */
  receiveCredentials?: boolean;
  /** Start paused: no 'data' event before `resume()`. Default false. */
  paused?: boolean;
  /** When it is aborted, the socket closes and emits an 'error' event with an `AbortError`, code `ABORT_ERR`. */
  signal?: AbortSignalLike;
}

/** Options of one message. */
export interface SendOptions {
  /**
   * Descriptors to send with the message (SCM_RIGHTS), at most 253. They are duplicated before the call returns, so the
   * caller can close its own immediately. See unix(7).
   */
  fds?: ReadonlyArray<number>;
}

/** How the file of a socket is created and removed. Without effect on abstract names. */
export interface BindOptions {
  /**
   * Permission bits of the socket file, 0 to 0o7777, independent of the umask. On Linux the file never has more
   * permissions than these. Default: 0o777 less the umask. See chmod(2).
   */
  mode?: number;
  /**
   * If a socket file that no socket is bound to exists at the path (connect(2) fails with `ECONNREFUSED`), remove it
   * first. Default false.
   */
  unlinkStale?: boolean;
  /**
   * Remove the file on close, if it is still the file that this socket created (same device, inode and birth time).
   * `process.exit()` and signals leave it. Default false.
   */
  unlinkOnClose?: boolean;
}

/** Options of {@link SeqpacketServer.listen}. Exactly one of `path` and `fd` is required. */
export interface ListenOptions extends BindOptions {
  /** Address to listen on. */
  path?: SocketPath;
  /**
   * Descriptor to adopt: a bound or listening SOCK_SEQPACKET socket, for example 3 after systemd's socket activation.
   */
  fd?: number;
  /** Maximum number of connections that wait to be accepted, at most net.core.somaxconn. See listen(2). Default 511. */
  backlog?: number;
  /** Options of the accepted sockets. */
  socket?: Omit<SocketOptions, 'fd' | 'signal'>;
  /** When it is aborted, the server closes and emits an 'error' event with an `AbortError`, code `ABORT_ERR`. */
  signal?: AbortSignalLike;
}

/** Options of {@link SeqpacketSocket.connect}. */
export interface ConnectOptions {
  /** Address of the server. */
  path: SocketPath;
  /** Milliseconds to retry while the backlog of the server is full (`EAGAIN`); 0: throw `EAGAIN`. Default 10000. */
  timeout?: number;
  /**
   * When it is aborted before 'connect', the socket closes and emits an 'error' event with an `AbortError`, code
   * `ABORT_ERR`.
   */
  signal?: AbortSignalLike;
}

/** Options of {@link listenReuseport}. */
export interface ListenReuseportOptions {
  /** TCP port, 0 to 65535. 0: the kernel picks one, which other sockets can then share. */
  port: number;
  /** IPv4 or IPv6 address, not a host name. Default '0.0.0.0'. */
  host?: string;
  /** Maximum number of connections that wait to be accepted, at most net.core.somaxconn. See listen(2). Default 511. */
  backlog?: number;
  /** With an IPv6 address: do not accept IPv4 connections (IPV6_V6ONLY). Default false. */
  ipv6Only?: boolean;
}

/** Events of {@link DgramSocket}. */
export interface DgramSocketEvents {
  /** A message was received. `path` is the address of the sender, '' if it has no name. */
  data: (buf: Buffer, path: string, info: MessageInfo) => void;
  /** A system call failed, or a message that has no callback. The socket stays open unless 'close' follows. */
  error: (err: Error) => void;
  /**
   * `send` or `sendTo` had returned false; since then the queue of a destination has become empty, and `writableLength`
   * is below `writableHighWaterMark`.
   */
  drain: () => void;
  /** `connect()` has set the peer. */
  connect: () => void;
  /** The socket is closed. This is the last event. */
  close: () => void;
}

/** Events of {@link SeqpacketServer}. */
export interface SeqpacketServerEvents {
  /** The server has started to listen. */
  listening: () => void;
  /**
   * A connection was accepted. `path` is the address that the client is bound to, usually ''. If there is no listener,
   * the connection is closed.
   */
  connection: (socket: SeqpacketSocket, path: string) => void;
  /**
   * accept(2) failed, for example with `EMFILE`. The server retries every 100 ms. The same error is not emitted again
   * before a connection was accepted.
   */
  error: (err: Error) => void;
  /** The server is closed. This is the last event. */
  close: () => void;
}

/** Events of {@link SeqpacketSocket}. */
export interface SeqpacketSocketEvents {
  /** `connect()` has succeeded. */
  connect: () => void;
  /** A message was received. */
  data: (buf: Buffer, info: MessageInfo) => void;
  /** `write` had returned false; since then the kernel has accepted all queued messages. */
  drain: () => void;
  /** The peer has ended its side, and all its messages were delivered. This side stays open until `end()` is called. */
  end: () => void;
  /** The connection failed, or a message that has no callback. The socket stays open unless 'close' follows. */
  error: (err: Error) => void;
  /** The socket is closed. This is the last event. The socket closes itself when both sides have ended. */
  close: () => void;
  /** The write side is shut down. @deprecated An event of 0.2.7. Pass a callback to `end()` instead. */
  _shutdown: () => void;
}

// biome-ignore lint/suspicious/noExplicitAny: the type of a listener in EventEmitter
type AnyListener = (...args: any[]) => void;
type EventMap<Events> = { [Name in keyof Events]: AnyListener };
type EventName<Events> = keyof Events | (string & {}) | symbol;
/** The type of the listener of an event: that of the map, or any function for an event that is not in the map. */
type Listener<Events extends EventMap<Events>, Name> = Name extends keyof Events ? Events[Name] : AnyListener;

/** An EventEmitter with typed events. It exists for the compiler only: the package exports no such class. */
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

/** A datagram and its sender, as `for await` over a {@link DgramSocket} yields it. */
export interface ReceivedDatagram {
  /** The message. */
  data: Buffer;
  /** Address of the sender, '' if it has no name. */
  path: string;
  /** Size, truncation, descriptors and credentials. */
  info: MessageInfo;
}

/**
 * A SOCK_DGRAM unix socket: messages with boundaries, without connections. Linux and macOS. Unlike UDP, messages are
 * neither lost nor reordered. If the queue of a destination is full (net.unix.max_dgram_qlen, 10 by default on Linux),
 * messages to it wait in the process until it has room; messages to other destinations are sent meanwhile, as long as
 * the unread messages of this socket leave room in its SO_SNDBUF. Events: {@link DgramSocketEvents}. See unix(7).
 */
export class DgramSocket extends TypedEmitter<DgramSocketEvents> {
  /**
   * Creates a socket, or adopts `options.fd`.
   *
   * @param options A value that is not an object is ignored, as in 0.2.7.
   * @throws {@link SystemError} `EMFILE`, `ENFILE`; for `options.fd` see {@link SocketOptions.fd}
   */
  constructor(options?: SocketOptions);
  /**
   * Binds the socket to an address, so that it can receive messages. See bind(2).
   *
   * @param path Without it (Linux only) the kernel chooses an abstract name.
   * @throws {@link SystemError} `EADDRINUSE`, `EACCES`, `ENOENT` (the directory does not exist), `EINVAL` (already
   * bound). No file is left behind. If bind(2) succeeded, but the file could not get its `mode`, the socket is closed
   * as well.
   */
  bind(path?: SocketPath, options?: BindOptions): void;
  /**
   * Sends `length` bytes of `buf`, from `offset`, to `destPath`. Otherwise like {@link DgramSocket.send}. See
   * sendto(2).
   *
   * @throws `ERR_OUT_OF_RANGE` if the range is not within `buf`
   */
  sendTo(buf: Uint8Array, offset: number, length: number, destPath: SocketPath, cb?: SendCb): boolean;
  /**
   * Sends one message to the peer set by `connect()`. See sendmsg(2).
   *
   * @param cb Called with null when the kernel has accepted the message, otherwise with the error: `ECONNREFUSED` (no
   * socket is bound to the address any more), `EMSGSIZE` (longer than SO_SNDBUF), `ENOBUFS` (`maxQueuedBytes`),
   * `ENOTCONN` (not connected). Without a callback an error is emitted as 'error'.
   * @returns False if `writableHighWaterMark` bytes are queued: wait for 'drain'. The message is sent nevertheless.
   */
  send(msg: Message, cb?: SendCallback): boolean;
  /**
   * Sends one message to `destPath`. See sendmsg(2).
   *
   * @param cb Called with null when the kernel has accepted the message, otherwise with the error: `ENOENT` (no file at
   * the path), `ECONNREFUSED` (no socket is bound to the file), `EMSGSIZE` (longer than SO_SNDBUF), `ENOBUFS`
   * (`maxQueuedBytes`), `EPERM` (the destination is connected to another socket). Without a callback an error is
   * emitted as 'error'.
   * @returns False if `writableHighWaterMark` bytes are queued: wait for 'drain'. The message is sent nevertheless.
   */
  send(msg: Message, destPath: SocketPath, cb?: SendCallback): boolean;
  /**
   * Sends one message with descriptors to `destPath`, or to the peer set by `connect()` if `destPath` is undefined. See
   * sendmsg(2).
   *
   * @param cb As for the other forms; in addition `ETOOMANYREFS` (too many descriptors are in flight).
   * @returns False if `writableHighWaterMark` bytes are queued: wait for 'drain'. The message is sent nevertheless.
   * @throws {@link SystemError} `EBADF` or `EMFILE` if a descriptor cannot be duplicated
   */
  send(msg: Message, destPath: SocketPath | undefined, options: SendOptions, cb?: SendCallback): boolean;
  /**
   * Sets the peer: `send` then needs no address, and only messages of the peer are received. Can be called again to
   * change the peer. See connect(2).
   *
   * @throws {@link SystemError} `ENOENT`, `ECONNREFUSED`, `EACCES`, `EPROTOTYPE` (a socket of another type), `EPERM`
   * (the peer is connected to another socket)
   */
  connect(path: SocketPath): void;
  /** Removes the peer that `connect()` has set. */
  disconnect(): void;
  /** Address that the socket is bound to, '' if none. An abstract name starts with '\0'. See getsockname(2). */
  address(): string;
  /** Address of the peer that `connect()` has set, '' if none. See getpeername(2). */
  remoteAddress(): string;
  /** SO_RCVBUF in bytes. Linux does not use it for unix sockets. See unix(7). */
  getRecvBufferSize(): number;
  /** Sets SO_RCVBUF, in bytes. Linux does not use it for unix sockets. See unix(7). */
  setRecvBufferSize(size: number): void;
  /**
   * SO_SNDBUF in bytes. It limits the unread messages of this socket in total. On Linux one message can have up to
   * SO_SNDBUF - 32 bytes. See unix(7).
   */
  getSendBufferSize(): number;
  /** Sets SO_SNDBUF, in bytes, at most net.core.wmem_max. Linux doubles the value. See socket(7). */
  setSendBufferSize(size: number): void;
  /**
   * Collects the messages that follow until `uncork()`, then sends them with few system calls (sendmmsg(2) on Linux). A
   * message of 32 KiB or more is sent immediately, after those collected before it. Calls nest.
   */
  cork(): void;
  /** Ends one `cork()`. Those that remain end on the next tick, by `process.nextTick`. */
  uncork(): void;
  /** Stops 'data' events, including those of messages that were already received. No message is lost. */
  pause(): this;
  /** Continues after `pause()`, or after construction with `paused`. */
  resume(): this;
  /** True while the socket is paused. */
  isPaused(): boolean;
  /** Undoes `unref()`. */
  ref(): this;
  /** Lets the process exit while the socket is open. */
  unref(): this;
  /** The descriptor, -1 once closed. The socket owns it: do not close it. */
  readonly fd: number;
  /** True once the socket is closed. */
  readonly closed: boolean;
  /** Bytes queued in the process, for all destinations together. */
  readonly writableLength: number;
  /** The option `writableHighWaterMark`, in bytes. */
  readonly writableHighWaterMark: number;
  /** True if a 'drain' event will follow. */
  readonly writableNeedDrain: boolean;
  /** Number of messages that failed because of `maxQueuedBytes`. */
  readonly droppedMessages: number;
  /** Bytes of all messages received, including truncated bytes. */
  readonly bytesRead: number;
  /** Bytes of all messages that the kernel has accepted. */
  readonly bytesWritten: number;
  /**
   * Closes the socket. Queued messages are dropped, and their callbacks are called with `ERR_SOCKET_CLOSED`. Further
   * calls do nothing.
   *
   * @param cb Called after 'close', for every call of `close`.
   */
  close(cb?: () => void): void;
  /** Closes the socket. The promise is resolved after 'close'. */
  [Symbol.asyncDispose](): Promise<void>;
  /**
   * Iterates over the messages. The loop ends when the socket is closed and throws the error of an 'error' event.
   * Between two iterations messages wait as in a paused socket, so that none is lost.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<ReceivedDatagram>;
}

/** A listening SOCK_SEQPACKET unix socket. Linux only. Events: {@link SeqpacketServerEvents}. See unix(7). */
export class SeqpacketServer extends TypedEmitter<SeqpacketServerEvents> {
  /**
   * @param options `maxConnections` is the initial value of {@link SeqpacketServer.maxConnections}.
   * @throws `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM` on platforms other than Linux
   */
  constructor(options?: { maxConnections?: number });
  /**
   * Starts to listen on `path`, synchronously. After an error it can be called again. See bind(2) and listen(2).
   *
   * @param backlog Maximum number of connections that wait to be accepted, at most net.core.somaxconn. Default 511.
   * @param cb Added as a listener of 'listening'.
   * @throws {@link SystemError} `EADDRINUSE`, `EACCES`, `ENOENT` (the directory does not exist), `EINVAL` (already
   * listening). No file is left behind.
   */
  listen(path: SocketPath, backlog?: number, cb?: () => void): this;
  /**
   * Starts to listen on `options.path`, or on the descriptor `options.fd`, synchronously. After an error it can be
   * called again. See bind(2) and listen(2).
   *
   * @param cb Added as a listener of 'listening'.
   * @throws {@link SystemError} `EADDRINUSE`, `EACCES`, `ENOENT` (the directory does not exist), `EINVAL` (already
   * listening). No file is left behind, and `options.fd` stays open.
   */
  listen(options: ListenOptions, cb?: () => void): this;
  /** Address that the server listens on, '' before `listen`. An abstract name starts with '\0'. */
  address(): string;
  /**
   * Stops accepting connections. Open connections stay open. Further calls do nothing.
   *
   * @param cb Called after 'close', for every call of `close`.
   */
  close(cb?: () => void): void;
  /** Undoes `unref()`. */
  ref(): this;
  /** Lets the process exit while the server listens. */
  unref(): this;
  /** The descriptor, -1 unless the server listens. The server owns it: do not close it. */
  readonly fd: number;
  /** True while the server accepts connections. */
  readonly listening: boolean;
  /** True once the server is closed. */
  readonly closed: boolean;
  /**
   * Limit of `connections`. Further connections are accepted, closed and counted in `droppedConnections`. Default
   * Infinity.
   */
  maxConnections: number;
  /** Number of open connections. */
  readonly connections: number;
  /** Number of connections that were closed because of `maxConnections`. */
  readonly droppedConnections: number;
  /** Closes the server. The promise is resolved after 'close'. */
  [Symbol.asyncDispose](): Promise<void>;
  /**
   * Iterates over the connections. The loop ends when the server is closed and throws the error of an 'error' event.
   * Connections that were accepted, but not taken from the iterator, are closed when the loop is left.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<SeqpacketSocket>;
}

/**
 * A SOCK_SEQPACKET unix socket: a connection that is ordered, reliable and keeps message boundaries. Linux only.
 * Events: {@link SeqpacketSocketEvents}. See unix(7).
 */
export class SeqpacketSocket extends TypedEmitter<SeqpacketSocketEvents> {
  /**
   * Adopts a connected descriptor; without `fd` creates a socket.
   *
   * @throws {@link SystemError} `EMFILE`, `ENFILE`; for `fd` see {@link SocketOptions.fd}
   * @throws `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM` on platforms other than Linux
   */
  constructor(fd?: number);
  /**
   * Creates a socket, or adopts `options.fd`.
   *
   * @throws {@link SystemError} `EMFILE`, `ENFILE`; for `options.fd` see {@link SocketOptions.fd}
   * @throws `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM` on platforms other than Linux
   */
  constructor(options?: SocketOptions);
  /**
   * Connects to a server. `write` and `end` can be called immediately afterwards; messages wait for the connection.
   * While the backlog of the server is full, connect(2) is retried for 10 seconds; then 'error' is emitted with
   * `ETIMEDOUT`. See connect(2).
   *
   * @param cb Called on success, after 'connect'.
   * @throws {@link SystemError} `ENOENT` (no file at the path), `ECONNREFUSED` (no server listens on it), `EACCES`,
   * `EPROTOTYPE` (a socket of another type); the socket is closed then. `EISCONN` and `EALREADY` on a second call.
   */
  connect(path: SocketPath, cb?: NotifyCb): void;
  /**
   * Connects to a server, as the first form does, with a `timeout` and a `signal`.
   *
   * @param cb Called on success, after 'connect'.
   * @throws {@link SystemError} As the first form, and `EAGAIN` if the backlog is full and `timeout` is 0.
   */
  connect(options: ConnectOptions, cb?: NotifyCb): void;
  /**
   * Sends `length` bytes of `buf`, from `offset`, as one message. By default all bytes. See sendmsg(2).
   *
   * @param cb A function without parameters ({@link NotifyCb}) is called on success only, as in 0.2.7. Other functions
   * are called with null or the error, as in the second form.
   * @returns False if `writableHighWaterMark` bytes are queued: wait for 'drain'. The message is sent nevertheless.
   * @throws `ERR_OUT_OF_RANGE` if the range is not within `buf`
   */
  write(buf: Uint8Array, offset?: number, length?: number, cb?: NotifyCb | SendCallback): boolean;
  /**
   * Sends one message. See sendmsg(2).
   *
   * @param cb Called with null when the kernel has accepted the message, otherwise with the error: `EMSGSIZE` (longer
   * than SO_SNDBUF), `ENOBUFS` (`maxQueuedBytes`), `EPIPE` (after `end()`, or the peer has closed), `ECONNRESET`,
   * `ENOTCONN` (`connect` was not called). After `EMSGSIZE` and `ENOBUFS` the connection goes on. Without a callback,
   * or if the callback has no parameter, an error is emitted as 'error'.
   * @returns False if `writableHighWaterMark` bytes are queued: wait for 'drain'. The message is sent nevertheless.
   */
  write(msg: Message, cb?: SendCallback): boolean;
  /**
   * Sends one message with descriptors. See sendmsg(2).
   *
   * @param cb As in the second form; in addition `ETOOMANYREFS` (too many descriptors are in flight).
   * @returns False if `writableHighWaterMark` bytes are queued: wait for 'drain'. The message is sent nevertheless.
   * @throws {@link SystemError} `EBADF` or `EMFILE` if a descriptor cannot be duplicated
   */
  write(msg: Message, options: SendOptions, cb?: SendCallback): boolean;
  /**
   * Shuts down the write side after all queued messages are sent. The read side stays open. See shutdown(2).
   *
   * @param cb Called when the write side is shut down. A function with a parameter is called with `ERR_SOCKET_CLOSED`
   * if the socket is closed first.
   */
  end(cb?: NotifyCb): void;
  /**
   * Sends `msg`, then shuts down the write side as the first form does.
   *
   * @param cb Called when the write side is shut down. An error of `msg` is emitted as 'error'.
   */
  end(msg: Message, cb?: NotifyCb): void;
  /** The option `readBufferSize`, in bytes. */
  getInternalReadBufferSize(): number;
  /** Sets the option `readBufferSize`, in bytes. */
  setInternalReadBufferSize(size: number): void;
  /** Undoes `unref()`. */
  ref(): this;
  /** Lets the process exit while the socket is open. */
  unref(): this;
  /**
   * Closes the socket. Queued messages are dropped, and their callbacks are called with `ERR_SOCKET_CLOSED`. Further
   * calls do nothing.
   *
   * @param err Emitted as 'error' before 'close'.
   */
  destroy(err?: Error): this;
  /** The same as `destroy()`. */
  close(): void;
  /** State for tests: 1 new, 2 half-close pending, 3 write side shut down, 5 closed. @internal */
  _state(): number;
  /** Address that the socket is bound to, '' if none. See getsockname(2). */
  address(): string;
  /** Address of the peer, '' if it has none. An abstract name starts with '\0'. See getpeername(2). */
  remoteAddress(): string;
  /**
   * Credentials of the process at the other end when the connection was created (SO_PEERCRED): for the server, the
   * process that called connect(2); for the client, the one that called listen(2); for a pair, the one that called
   * socketpair(2). See unix(7).
   */
  peerCredentials(): Credentials;
  /** SO_RCVBUF in bytes. Linux does not use it for unix sockets. See unix(7). */
  getRecvBufferSize(): number;
  /** Sets SO_RCVBUF, in bytes. Linux does not use it for unix sockets. See unix(7). */
  setRecvBufferSize(size: number): void;
  /**
   * SO_SNDBUF in bytes. It limits the unread messages of this socket in total; one message can have up to SO_SNDBUF -
   * 32 bytes. If the buffer becomes full again although the peer reads, it is doubled once; the maximum length of a
   * message does not change. It is not doubled after `setSendBufferSize`, if the descriptor was adopted, or while 128
   * other connections of this thread have a doubled one. See unix(7).
   */
  getSendBufferSize(): number;
  /** Sets SO_SNDBUF, in bytes, at most net.core.wmem_max. Linux doubles the value. See socket(7). */
  setSendBufferSize(size: number): void;
  /**
   * Collects the messages that follow until `uncork()`, then sends them with few system calls (sendmmsg(2)). A message
   * of 32 KiB or more is sent immediately, after those collected before it. Calls nest.
   */
  cork(): void;
  /** Ends one `cork()`. Those that remain end on the next tick, by `process.nextTick`. */
  uncork(): void;
  /** Stops 'data' events, including those of messages that were already received. No message is lost. */
  pause(): this;
  /** Continues after `pause()`, or after construction with `paused`. */
  resume(): this;
  /** True while the socket is paused. */
  isPaused(): boolean;
  /** The descriptor, -1 once closed. The socket owns it: do not close it. */
  readonly fd: number;
  /** True from `connect()` until 'connect'. */
  readonly connecting: boolean;
  /** True once the socket is closed. */
  readonly closed: boolean;
  /** The same as `closed`. */
  readonly destroyed: boolean;
  /** Bytes queued in the process. */
  readonly writableLength: number;
  /** The option `writableHighWaterMark`, in bytes. */
  readonly writableHighWaterMark: number;
  /** True if a 'drain' event will follow. */
  readonly writableNeedDrain: boolean;
  /** Number of messages that failed because of `maxQueuedBytes`. */
  readonly droppedMessages: number;
  /** Bytes of all messages received, including truncated bytes. */
  readonly bytesRead: number;
  /** Bytes of all messages that the kernel has accepted. */
  readonly bytesWritten: number;
  /**
   * Returns a stream.Duplex over this socket, with backpressure in both directions. `end()` shuts down the write side,
   * `destroy()` closes the socket. Descriptors and credentials of messages are not available. A received message that
   * was truncated destroys the stream with `ERR_MESSAGE_TRUNCATED`.
   *
   * By default one chunk is one message in both directions, and the readable side is in object mode. A chunk longer
   * than a message may be fails with `EMSGSIZE`.
   *
   * With `bytes: true` it is a plain stream of bytes, for http, tls and other users of a net.Socket. Chunks of any
   * length are cut or joined into messages of at most 64 KiB. Empty chunks send nothing, and empty messages are
   * ignored. A `readBufferSize` below 65,536 is raised to 65,536. The stream has the members of net.Socket that http,
   * http2, tls and ws use: `setTimeout`, `timeout`, `connecting`, 'connect', 'timeout', `destroySoon`, `ref`, `unref`,
   * and `setNoDelay` and `setKeepAlive`, which do nothing. `remoteAddress` is undefined, as for unix sockets of net.
   */
  toDuplex(options?: { bytes?: boolean | undefined }): Duplex;
  /** Closes the socket. The promise is resolved after 'close'. */
  [Symbol.asyncDispose](): Promise<void>;
  /**
   * Iterates over the messages. The loop ends when the peer has ended or the socket is closed, and throws the error of
   * an 'error' event. Between two iterations messages wait as in a paused socket, so that none is lost.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer>;
}

/**
 * Creates two connected SOCK_SEQPACKET sockets without an address. Linux only. See socketpair(2).
 *
 * @param options Options of both sockets; `fd` is ignored.
 * @throws {@link SystemError} `EMFILE`, `ENFILE`
 * @throws `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM` on platforms other than Linux
 */
export function createSocketPair(type: 'seqpacket', options?: SocketOptions): [SeqpacketSocket, SeqpacketSocket];
/**
 * Creates two connected SOCK_DGRAM sockets without an address. Linux and macOS. See socketpair(2).
 *
 * @param options Options of both sockets; `fd` is ignored.
 * @throws {@link SystemError} `EMFILE`, `ENFILE`
 */
export function createSocketPair(type: 'dgram', options?: SocketOptions): [DgramSocket, DgramSocket];

/**
 * Creates a TCP socket that is bound to `host` and `port` with SO_REUSEADDR and SO_REUSEPORT, close-on-exec and
 * non-blocking. It does not listen yet: pass it to `net.Server#listen({ fd })`. In a cluster worker use
 * {@link listenReuseport} instead. The caller owns the descriptor and has to pass it on, or to close it with
 * {@link closeFd}. Linux and macOS, also on Bun and Deno. See socket(7).
 *
 * @param port 0 to 65535. Default 0: the kernel chooses one.
 * @param host IPv4 or IPv6 address, not a host name. Default '0.0.0.0'.
 * @returns The descriptor.
 * @throws `ERR_SOCKET_BAD_PORT`
 * @throws {@link SystemError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EMFILE`
 */
export function createReuseportFd(port?: number, host?: string): number;
/**
 * Creates a TCP or UDP socket that is bound to `host` and `port` with SO_REUSEADDR and SO_REUSEPORT, as the first form
 * does.
 *
 * @param options `type`: 'tcp' (default) for `net.Server#listen({ fd })`, 'udp' for `dgram.Socket#bind({ fd })`.
 * `ipv6Only`: do not serve IPv4 on an IPv6 address (IPV6_V6ONLY); default false.
 * @returns The descriptor.
 * @throws `ERR_SOCKET_BAD_PORT`
 * @throws {@link SystemError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EMFILE`
 */
export function createReuseportFd(
  port: number,
  host: string,
  options: { type?: 'tcp' | 'udp'; ipv6Only?: boolean },
): number;

/**
 * Closes a descriptor that no socket of this package owns. See close(2).
 *
 * @throws {@link SystemError} `EBADF` if the descriptor is not open
 * @throws `ERR_INVALID_ARG_VALUE` if an open socket of this package owns it
 */
export function closeFd(fd: number): void;

/**
 * Returns the descriptor of a socket or server of net, for `write()` and `send()` with `fds`, or for `stdio` of
 * child_process. The socket keeps it. A process that receives a descriptor makes a socket of it with
 * `new net.Socket({ fd, readable: true, writable: true })`, or a server with `listen({ fd })`.
 *
 * Bytes that the socket has read already do not pass with its descriptor, so create the server with `pauseOnConnect`.
 *
 * @throws `ERR_SOCKET_CLOSED` if the socket is closed, or does not connect or listen yet, and for a server in a cluster
 * worker, whose connections the primary accepts
 * @throws `ERR_INVALID_ARG_VALUE` for a TLSSocket
 */
export function getFd(socket: NetSocket | NetServer): number;

/**
 * Makes `server` listen on a new TCP socket with SO_REUSEPORT. Works in processes, worker threads and, unlike
 * `listen({ fd })`, in cluster workers: the kernel distributes the connections over all listening sockets of the port,
 * and the primary is not involved. Linux and macOS.
 *
 * When a listening socket is closed, Linux resets the connections in its queue, unless another socket listens on the
 * port and `net.ipv4.tcp_migrate_req` is 1 (Linux 5.14 and later); then the kernel moves them to another socket of the
 * port. See listen(2).
 *
 * @param cb Added as a listener of 'listening'.
 * @returns `server`
 * @throws `ERR_SOCKET_BAD_PORT`
 * @throws {@link SystemError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EMFILE`
 */
export function listenReuseport<S extends NetServer>(server: S, options: ListenReuseportOptions, cb?: () => void): S;
