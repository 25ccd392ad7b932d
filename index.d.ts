/**
 * Unix seqpacket and datagram sockets, descriptor passing, and TCP and UDP sockets with SO_REUSEPORT for Node.js.
 *
 * **Errors.** A failed system call is reported as a {@link SystemError}. A wrong argument throws a `TypeError` or
 * `RangeError` before the call has any effect; its `code` is `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`,
 * `ERR_OUT_OF_RANGE` or `ERR_SOCKET_BAD_PORT`, and its message names the argument, the call and what was received.
 * Unknown options are ignored, except those that look like a mistake (a misspelling, another word, or an option of
 * another call), which throw `ERR_INVALID_ARG_VALUE`. A method call on a closed socket throws an `Error` with code
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
 * `close()` or `destroy()`. In the same way connections to a server wait in the kernel while it has no 'connection'
 * listener.
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
  fdsTruncated?: true | undefined;
  /** The sender. Linux only; null unless `receiveCredentials` is set. */
  credentials: Credentials | null;
  /**
   * Datagrams only: address of the sender as bytes, for names that are not UTF-8. Can be passed to `send`. Empty if the
   * sender has no name.
   */
  rawPath?: Buffer | undefined;
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
  path?: string | undefined;
}

/** The members of `AbortSignal` that this package uses. Every `AbortSignal` (Node.js 15 and later) has them. */
export interface AbortSignalLike {
  /** True once the signal is aborted. */
  readonly aborted: boolean;
  /** Adds a listener for 'abort'. */
  addEventListener(type: 'abort', listener: () => void, options?: { once: boolean }): void;
  /** Removes a listener for 'abort'. */
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * Callback of a message. It is called exactly once, after the call that took it has returned, in the order of the calls
 * to one destination, also if the socket is closed. `err` is null when the kernel has accepted the message (the peer may
 * not have read it yet). Otherwise it is a {@link SystemError}, or an `Error` with code `ERR_SOCKET_CLOSED` if the
 * socket was closed while the message was queued. An error that is passed to a callback is not emitted as 'error'.
 *
 * @param err Null, or what failed. Every error that a socket passes here has a `code`.
 * @example
 * ```js
 * socket.write('hello', (err) => {
 *   if (err && err.code === 'EMSGSIZE') console.error('longer than SO_SNDBUF allows');
 * });
 * ```
 */
export type SendCallback = (err: NodeJS.ErrnoException | null) => void;

/** Callback of `sendTo`, as declared by 0.2.7. It is called like a {@link SendCallback}. */
export type SendCb = (err?: NodeJS.ErrnoException | null) => void;

/** A callback that ignores its argument, as declared by 0.2.7. */
export type NotifyCb = () => void;

/** Options of {@link DgramSocket} and {@link SeqpacketSocket}. */
export interface SocketOptions {
  /**
   * Descriptor to adopt: an AF_UNIX socket of the type of the class, connected in the case of SeqpacketSocket. The
   * socket object owns it and closes it. If the constructor throws (`EBADF`, `ENOTSOCK`, `EPROTOTYPE`, `ENOTCONN`,
   * `EINVAL` if it listens, `EEXIST` if another socket object owns it), the descriptor stays open and the caller keeps
   * owning it.
   */
  fd?: number | undefined;
  /** Largest message received whole, in bytes, 1 to 1 GiB. A longer one is truncated. Default 262144. */
  readBufferSize?: number | undefined;
  /**
   * Bytes queued in the process at which `write` and `send` return false. Default 65536. A queued message counts its
   * bytes, 128 bytes more for what it takes to keep it, and 1,024 bytes for each descriptor. A DgramSocket counts for
   * each destination separately.
   */
  writableHighWaterMark?: number | undefined;
  /**
   * Limit of the bytes queued in the process. A message that would exceed it fails with `ENOBUFS` and is counted in
   * `droppedMessages`. Default Infinity. A DgramSocket counts for each destination separately.
   */
  maxQueuedBytes?: number | undefined;
  /**
   * Receive descriptors (SCM_RIGHTS). If false, the kernel refuses messages with descriptors, and the call of the peer fails
   * with `EPERM` (SO_PASSRIGHTS, Linux 6.16); other kernels discard the descriptors. An adopted socket keeps the choice of
   * its maker. Default false.
   */
  receiveFds?: boolean | undefined;
  /** Receive the credentials of the sender with every message (SCM_CREDENTIALS). Linux only. Default false. */
  receiveCredentials?: boolean | undefined;
  /** Start paused: no 'data' event before `resume()`. Default false. */
  paused?: boolean | undefined;
  /** When it is aborted, the socket closes and emits an 'error' event with an `AbortError`, code `ABORT_ERR`. */
  signal?: AbortSignalLike | undefined;
  /**
   * Microseconds, 0 to 1000, for which the event loop looks for the next message before it sleeps, after a message was
   * received or sent. Makes round trips faster if both processes have a free core, which is busy meanwhile. Default 0.
   * See SO_BUSY_POLL in socket(7).
   */
  busyPoll?: number | undefined;
  /**
   * SeqpacketSocket only. If false, the socket ends its own side when the peer has ended its side, as `net.Socket` does.
   * Default true.
   */
  allowHalfOpen?: boolean | undefined;
}

/** Options of one message. */
export interface SendOptions {
  /**
   * Descriptors to send with the message (SCM_RIGHTS), at most 253. They are duplicated before the call returns, so the
   * caller can close its own immediately. See unix(7).
   */
  fds?: ReadonlyArray<number> | undefined;
}

/** How the file of a socket is created and removed. Without effect on abstract names. */
export interface BindOptions {
  /**
   * Permission bits of the socket file, 0 to 0o7777, independent of the umask. On Linux the file never has more
   * permissions than these. Default: 0o777 less the umask. See chmod(2).
   */
  mode?: number | undefined;
  /**
   * If a socket file that no socket is bound to exists at the path (connect(2) fails with `ECONNREFUSED`), remove it
   * first. If several processes do so at once, one succeeds, the others get `EADDRINUSE`. Default false.
   */
  unlinkStale?: boolean | undefined;
  /**
   * Remove the file on close, if it is still the file that this socket created (same device, inode and birth time).
   * `process.exit()` and signals leave it. Default false.
   */
  unlinkOnClose?: boolean | undefined;
}

/** What {@link ListenOptions} has in addition to `path` or `fd`. */
export interface ListenCommonOptions extends BindOptions {
  /** Maximum number of connections that wait to be accepted, at most net.core.somaxconn. See listen(2). Default 511. */
  backlog?: number | undefined;
  /** Options of the accepted sockets. */
  socket?: Omit<SocketOptions, 'fd' | 'signal'> | undefined;
  /** When it is aborted, the server closes, as `net.Server` does: 'close' is emitted, and no 'error'. */
  signal?: AbortSignalLike | undefined;
}

/** Options to listen on an address. */
export interface ListenPathOptions extends ListenCommonOptions {
  /** Address to listen on. */
  path: SocketPath;
  /** Excludes `path`. */
  fd?: undefined;
}

/** Options to listen on an adopted descriptor. */
export interface ListenFdOptions extends ListenCommonOptions {
  /** Excludes `fd`. */
  path?: undefined;
  /**
   * Descriptor to adopt: a bound or listening SOCK_SEQPACKET socket, for example 3 after systemd's socket activation.
   */
  fd: number;
}

/** Options of {@link SeqpacketServer.listen}: exactly one of `path` and `fd`. */
export type ListenOptions = ListenPathOptions | ListenFdOptions;

/** Options of {@link SeqpacketSocket.connect}. */
export interface ConnectOptions {
  /** Address of the server. */
  path: SocketPath;
  /** Milliseconds to retry while the backlog of the server is full (`EAGAIN`); 0: throw `EAGAIN`. Default 10000. */
  timeout?: number | undefined;
  /**
   * When it is aborted, also after 'connect', the socket closes and emits an 'error' event with an `AbortError`, code
   * `ABORT_ERR`.
   */
  signal?: AbortSignalLike | undefined;
}

/** Options of {@link listenReuseport}. */
export interface ListenReuseportOptions {
  /** TCP port, 0 to 65535. 0: the kernel picks one, which other sockets can then share. */
  port: number;
  /** IPv4 or IPv6 address, not a host name. Default '0.0.0.0'. */
  host?: string | undefined;
  /** Maximum number of connections that wait to be accepted, at most net.core.somaxconn. See listen(2). Default 511. */
  backlog?: number | undefined;
  /** With an IPv6 address: do not accept IPv4 connections (IPV6_V6ONLY). Default false. */
  ipv6Only?: boolean | undefined;
}

/** The error that a socket emits for messages that failed without a callback. */
export interface MessagesError extends NodeJS.ErrnoException {
  /** Number of messages that failed in the same iteration of the event loop. The error is that of the first one. */
  messages?: number | undefined;
}

/** Events of {@link DgramSocket}. */
export interface DgramSocketEvents {
  /** A message was received. `path` is the address of the sender, '' if it has no name. */
  data: (buf: Buffer, path: string, info: MessageInfo) => void;
  /**
   * A system call failed, or messages that have no callback; `err.messages` is their number. The socket stays open
   * unless 'close' follows.
   */
  error: (err: MessagesError) => void;
  /**
   * `send` or `sendTo` had returned false for the destination `path`; since then its queue has become empty. `path` is
   * '' if the socket is connected to a peer that has no name.
   */
  drain: (path: string) => void;
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
   * A connection was accepted. `path` is the address that the client is bound to, usually ''. While there is no
   * listener, connections wait in the kernel's backlog.
   */
  connection: (socket: SeqpacketSocket, path: string) => void;
  /**
   * accept(2) failed, for example with `EMFILE`. The server retries every 100 ms. The same error is not emitted again
   * before a connection was accepted. `ESHUTDOWN`: another process that shares the socket has shut it down, so the server
   * accepts no more connections.
   */
  error: (err: NodeJS.ErrnoException) => void;
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
  /**
   * The peer has ended its side, and all its messages were delivered. This side stays open until `end()` is called,
   * unless `allowHalfOpen` is false.
   */
  end: () => void;
  /**
   * The connection failed, and 'close' follows: this is emitted once, however many messages were queued. Or messages that
   * have no callback failed alone (`EMSGSIZE`, `ENOBUFS`), and the socket stays open; `err.messages` is their number.
   */
  error: (err: MessagesError) => void;
  /** The socket is closed. This is the last event. The socket closes itself when both sides have ended. */
  close: () => void;
}

// biome-ignore lint/suspicious/noExplicitAny: the type of a listener in EventEmitter
type AnyListener = (...args: any[]) => void;
type EventMap<Events> = { [Name in keyof Events]: AnyListener };
/**
 * Names that are accepted without being in the map: a symbol, a name that is known at run time only, and '_shutdown',
 * which 0.2.7 emits when the write side is shut down (pass a callback to `end()` instead). Another literal is refused,
 * for example 'message', because no socket of this package emits it.
 */
type UnlistedName<Name> = Name extends symbol | '_shutdown' ? Name : string extends Name ? Name : never;

/** An EventEmitter with typed events. It exists for the compiler only: the package exports no such class. */
declare class TypedEmitter<Events extends EventMap<Events>> extends EventEmitter {
  /** Adds a listener of an event. */
  on<Name extends keyof Events>(event: Name, listener: Events[Name]): this;
  /** Adds a listener of an event that is not in the list: a symbol, or a name that is known at run time only. */
  on<Name extends string | symbol>(event: Name & UnlistedName<Name>, listener: AnyListener): this;
  /** Adds a listener that is called once. */
  once<Name extends keyof Events>(event: Name, listener: Events[Name]): this;
  /** The same for an event that is not in the list. */
  once<Name extends string | symbol>(event: Name & UnlistedName<Name>, listener: AnyListener): this;
  /** Removes a listener. */
  off<Name extends keyof Events>(event: Name, listener: Events[Name]): this;
  /** The same for an event that is not in the list. */
  off<Name extends string | symbol>(event: Name & UnlistedName<Name>, listener: AnyListener): this;
  /** The same as `on`. */
  addListener<Name extends keyof Events>(event: Name, listener: Events[Name]): this;
  /** The same for an event that is not in the list. */
  addListener<Name extends string | symbol>(event: Name & UnlistedName<Name>, listener: AnyListener): this;
  /** The same as `off`. */
  removeListener<Name extends keyof Events>(event: Name, listener: Events[Name]): this;
  /** The same for an event that is not in the list. */
  removeListener<Name extends string | symbol>(event: Name & UnlistedName<Name>, listener: AnyListener): this;
  /** Adds a listener before those of the event that exist. */
  prependListener<Name extends keyof Events>(event: Name, listener: Events[Name]): this;
  /** The same for an event that is not in the list. */
  prependListener<Name extends string | symbol>(event: Name & UnlistedName<Name>, listener: AnyListener): this;
  /** Adds a listener that is called once, before those of the event that exist. */
  prependOnceListener<Name extends keyof Events>(event: Name, listener: Events[Name]): this;
  /** The same for an event that is not in the list. */
  prependOnceListener<Name extends string | symbol>(event: Name & UnlistedName<Name>, listener: AnyListener): this;
  /** Calls the listeners of an event. Returns false if there is none. */
  emit<Name extends keyof Events>(event: Name, ...args: Parameters<Events[Name]>): boolean;
  /** The same for an event that is not in the list. */
  emit<Name extends string | symbol>(event: Name & UnlistedName<Name>, ...args: unknown[]): boolean;
  /** Removes all listeners of an event, or of all events. */
  removeAllListeners(event?: keyof Events | symbol | (string & {})): this;
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
 * messages to it wait in the process until it has room; messages to other destinations are sent meanwhile. Events:
 * {@link DgramSocketEvents}; a subclass with events of its own names them as the type argument. See unix(7).
 *
 * @typeParam Own Events of a subclass: names and listeners.
 * @example
 * ```js
 * const server = new DgramSocket();
 * server.bind('/run/app.sock', { unlinkStale: true, unlinkOnClose: true });
 * server.on('data', (message, path) => server.send('pong', path, () => {}));
 *
 * const client = new DgramSocket();
 * client.bind(); // an address for the reply
 * client.on('error', (err) => console.error(err.message));
 * client.on('data', (message) => console.log(message.toString()));
 * client.send('ping', '/run/app.sock');
 * ```
 */
export class DgramSocket<Own extends EventMap<Own> = Record<never, never>> extends TypedEmitter<
  DgramSocketEvents & Own
> {
  /**
   * Creates a socket, or adopts `options.fd`.
   *
   * @param options A value that is not an options object is ignored, as in 0.2.7.
   * @throws {@link SystemError} `EMFILE`, `ENFILE`; for `options.fd` see {@link SocketOptions.fd}
   */
  constructor(options?: SocketOptions);
  /**
   * Binds the socket to an address, so that it can receive messages. See bind(2).
   *
   * @param path Without it (Linux only) the kernel chooses an abstract name.
   * @param options How the socket file is created and removed.
   * @throws {@link SystemError} `EADDRINUSE`, `EACCES`, `ENOENT` (the directory does not exist), `EINVAL` (already
   * bound). No file is left behind. If bind(2) succeeded, but the file could not get its `mode`, the socket is closed
   * as well.
   */
  bind(path?: SocketPath, options?: BindOptions): void;
  /**
   * Sends `length` bytes of `buf`, from `offset`, to `destPath`. Otherwise like {@link DgramSocket.send}. See
   * sendto(2).
   *
   * @param buf The bytes; they can be changed when the call has returned.
   * @param offset Index of the first byte.
   * @param length Number of bytes.
   * @param destPath Address of the destination.
   * @param cb Called with null when the kernel has accepted the message, otherwise with the error.
   * @returns False if the queue to `destPath` has reached `writableHighWaterMark`, or the message has failed.
   * @throws `ERR_OUT_OF_RANGE` if the range is not within `buf`
   */
  sendTo(buf: Uint8Array, offset: number, length: number, destPath: SocketPath, cb?: SendCb): boolean;
  /**
   * Sends one message to the peer set by `connect()`. See sendmsg(2).
   *
   * @param msg The message; its memory can be changed when the call has returned.
   * @param cb Called with null when the kernel has accepted the message, otherwise with the error: `ECONNREFUSED` (no
   * socket is bound to the address any more), `EMSGSIZE` (longer than SO_SNDBUF), `ENOBUFS` (`maxQueuedBytes`),
   * `ENOTCONN` (not connected). Without a callback an error is emitted as 'error'.
   * @returns False if the queue to the peer has reached `writableHighWaterMark` (the message is sent nevertheless), or
   * the message has failed, for example because of `maxQueuedBytes`. 'drain' follows.
   */
  send(msg: Message, cb?: SendCallback): boolean;
  /**
   * Sends one message to `destPath`. See sendmsg(2).
   *
   * @param msg The message; its memory can be changed when the call has returned.
   * @param destPath Address of the destination. A relative path means the socket that it leads to now, also if the
   * program changes its directory before the message is sent.
   * @param cb Called with null when the kernel has accepted the message, otherwise with the error: `ENOENT` (no file at
   * the path), `ECONNREFUSED` (no socket is bound to the file), `EMSGSIZE` (longer than SO_SNDBUF), `ENOBUFS`
   * (`maxQueuedBytes`), `EPERM` (the destination is connected to another socket). Without a callback an error is
   * emitted as 'error'.
   * @returns False if the queue to `destPath` has reached `writableHighWaterMark` (the message is sent nevertheless), or
   * the message has failed, for example because of `maxQueuedBytes`. 'drain' with `destPath` follows.
   * @example
   * ```js
   * if (!socket.send(message, path)) {
   *   // Wait for 'drain' with this path, or drop what follows. Messages to other paths are not affected.
   * }
   * ```
   */
  send(msg: Message, destPath: SocketPath, cb?: SendCallback): boolean;
  /**
   * Sends one message with descriptors to `destPath`, or to the peer set by `connect()` if `destPath` is undefined. See
   * sendmsg(2).
   *
   * @param msg The message.
   * @param destPath Address of the destination.
   * @param options The descriptors to send.
   * @param cb As for the other forms; in addition `ETOOMANYREFS` (too many descriptors are in flight) and `EMFILE`.
   * @returns As for the other forms.
   * @throws {@link SystemError} `EBADF` if a descriptor is not open
   * @example
   * ```js
   * socket.send('a log file', '/run/collector.sock', { fds: [fd] }, (err) => {
   *   if (err) console.error(err.message);
   * });
   * fs.closeSync(fd); // the message has a duplicate
   * ```
   */
  send(msg: Message, destPath: SocketPath | undefined, options: SendOptions, cb?: SendCallback): boolean;
  /**
   * Sets the peer: `send` then needs no address, and only messages of the peer are received. Can be called again to
   * change the peer; messages that wait are still sent to the one they were sent for. See connect(2).
   *
   * @param path Address of the peer.
   * @throws {@link SystemError} `ENOENT`, `ECONNREFUSED`, `EACCES`, `EPROTOTYPE` (a socket of another type), `EPERM`
   * (the peer is connected to another socket)
   */
  connect(path: SocketPath): void;
  /** Removes the peer that `connect()` has set. Messages that wait are still sent to it. */
  disconnect(): void;
  /** Address that the socket is bound to, '' if none. An abstract name starts with '\0'. See getsockname(2). */
  address(): string;
  /** Address of the peer that `connect()` has set, '' if none. See getpeername(2). */
  remoteAddress(): string;
  /** SO_RCVBUF in bytes. Linux does not use it for unix sockets. See unix(7). */
  getRecvBufferSize(): number;
  /**
   * Sets SO_RCVBUF. Linux does not use it for unix sockets. See unix(7).
   *
   * @param size Bytes.
   */
  setRecvBufferSize(size: number): void;
  /**
   * SO_SNDBUF in bytes. It limits the unread messages of this socket in total. On Linux one message can have up to
   * SO_SNDBUF - 32 bytes. See unix(7).
   */
  getSendBufferSize(): number;
  /**
   * Sets SO_SNDBUF. Linux doubles the value. See socket(7).
   *
   * @param size Bytes, at most net.core.wmem_max.
   */
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
  /** Bytes queued in the process, for all destinations together. See {@link SocketOptions.writableHighWaterMark}. */
  readonly writableLength: number;
  /** The option `writableHighWaterMark`, in bytes. */
  readonly writableHighWaterMark: number;
  /** True if a 'drain' event will follow, for any destination. */
  readonly writableNeedDrain: boolean;
  /** Number of messages that failed because of `maxQueuedBytes`. */
  readonly droppedMessages: number;
  /** Bytes of all messages received, including truncated bytes. */
  readonly bytesRead: number;
  /** Bytes of all messages that the kernel has accepted. */
  readonly bytesWritten: number;
  /**
   * Bytes queued in the process for one destination, counted like `writableLength`. 0 if nothing waits for it.
   *
   * @param destPath Address of the destination.
   */
  writableLengthTo(destPath: SocketPath): number;
  /**
   * Drops the messages that wait for one destination. Their callbacks are called with `ENOBUFS`.
   *
   * @param destPath Address of the destination.
   * @returns Number of messages dropped.
   * @example
   * ```js
   * if (socket.writableLengthTo(path) > 1e6) socket.discard(path); // a subscriber that has stopped reading
   * ```
   */
  discard(destPath: SocketPath): number;
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

/**
 * A listening SOCK_SEQPACKET unix socket. Linux only. Events: {@link SeqpacketServerEvents}; a subclass with events of
 * its own names them as the type argument. See unix(7).
 *
 * @typeParam Own Events of a subclass: names and listeners.
 * @example
 * ```js
 * const server = new SeqpacketServer();
 * server.on('connection', (socket) => {
 *   socket.on('data', (message) => socket.write(message)); // echo
 *   socket.on('end', () => socket.end());
 *   socket.on('error', (err) => console.error(err.code)); // the client has left, for example
 * });
 * server.listen({ path: '/run/app.sock', mode: 0o600, unlinkStale: true, unlinkOnClose: true });
 * ```
 */
export class SeqpacketServer<Own extends EventMap<Own> = Record<never, never>> extends TypedEmitter<
  SeqpacketServerEvents & Own
> {
  /**
   * @param options `maxConnections` is the initial value of {@link SeqpacketServer.maxConnections}.
   * @throws `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM` on platforms other than Linux
   */
  constructor(options?: { maxConnections?: number | undefined });
  /**
   * Starts to listen on `path`, synchronously. After an error it can be called again. Connections wait in the kernel
   * until there is a 'connection' listener, or an iterator that waits. See bind(2) and listen(2).
   *
   * @param path Address to listen on.
   * @param backlog Maximum number of connections that wait to be accepted, at most net.core.somaxconn. Default 511.
   * @param cb Added as a listener of 'listening'.
   * @throws {@link SystemError} `EADDRINUSE`, `EACCES`, `ENOENT` (the directory does not exist). No file is left behind.
   * @throws `ERR_SERVER_ALREADY_LISTEN` if the server listens already
   */
  listen(path: SocketPath, backlog?: number, cb?: () => void): this;
  /**
   * Starts to listen on `path`, as the first form does, with the default `backlog`.
   *
   * @param path Address to listen on.
   * @param cb Added as a listener of 'listening'.
   */
  listen(path: SocketPath, cb?: () => void): this;
  /**
   * Starts to listen on `options.path`, or on the descriptor `options.fd`, synchronously. After an error it can be
   * called again. See bind(2) and listen(2).
   *
   * @param options Either `path` or `fd`, and how to listen.
   * @param cb Added as a listener of 'listening'.
   * @throws {@link SystemError} As the first form. `options.fd` stays open and the caller keeps owning it.
   * @throws `ERR_SERVER_ALREADY_LISTEN` if the server listens already
   * @example
   * ```js
   * server.listen({ path: '/run/app.sock', mode: 0o600, unlinkStale: true, socket: { receiveFds: true } });
   * server.listen({ fd: 3 }); // socket activation
   * ```
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
  /** True from `listen()` until `close()`. */
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
   *
   * @example
   * ```js
   * for await (const socket of server) serve(socket);
   * ```
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<SeqpacketSocket>;
}

/**
 * A SOCK_SEQPACKET unix socket: a connection that is ordered, reliable and keeps message boundaries. Linux only.
 * Events: {@link SeqpacketSocketEvents}; a subclass with events of its own names them as the type argument. See unix(7).
 *
 * A connection that breaks emits one 'error', then 'close', however many messages were waiting.
 *
 * @typeParam Own Events of a subclass: names and listeners.
 * @example
 * ```js
 * const socket = new SeqpacketSocket();
 * socket.on('error', (err) => console.error(err.message));
 * socket.on('data', (message) => console.log(message.toString()));
 * socket.on('end', () => socket.end());
 * socket.connect('/run/app.sock', () => socket.write('hello'));
 * ```
 */
export class SeqpacketSocket<Own extends EventMap<Own> = Record<never, never>> extends TypedEmitter<
  SeqpacketSocketEvents & Own
> {
  /**
   * Adopts a connected descriptor; without `fd` creates a socket.
   *
   * @param fd The descriptor. See {@link SocketOptions.fd}.
   * @throws {@link SystemError} `EMFILE`, `ENFILE`; for `fd` see {@link SocketOptions.fd}
   * @throws `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM` on platforms other than Linux
   */
  constructor(fd?: number);
  /**
   * Creates a socket, or adopts `options.fd`.
   *
   * @param options Options of the socket.
   * @throws {@link SystemError} `EMFILE`, `ENFILE`; for `options.fd` see {@link SocketOptions.fd}
   * @throws `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM` on platforms other than Linux
   */
  constructor(options?: SocketOptions);
  /**
   * Connects to a server. `write` and `end` can be called immediately afterwards; messages wait for the connection.
   * While the backlog of the server is full, connect(2) is retried for 10 seconds; then 'error' is emitted with
   * `ETIMEDOUT`. See connect(2).
   *
   * @param path Address of the server.
   * @param cb Called once, unless `connect` throws: with null after 'connect', or with the error.
   * @throws {@link SystemError} `ENOENT` (no file at the path), `ECONNREFUSED` (no server listens on it), `EACCES`,
   * `EPROTOTYPE` (a socket of another type); the socket is closed then. `EISCONN` and `EALREADY` on a second call.
   */
  connect(path: SocketPath, cb?: SendCallback): void;
  /**
   * Connects to a server, as the first form does, with a `timeout` and a `signal`.
   *
   * @param options The address, the timeout and the signal.
   * @param cb Called once, unless `connect` throws: with null after 'connect', or with the error.
   * @throws {@link SystemError} As the first form, and `EAGAIN` if the backlog is full and `timeout` is 0.
   */
  connect(options: ConnectOptions, cb?: SendCallback): void;
  /**
   * Sends `length` bytes of `buf`, from `offset`, as one message. By default all bytes. See sendmsg(2).
   *
   * @param buf The bytes; they can be changed when the call has returned.
   * @param offset Index of the first byte.
   * @param length Number of bytes.
   * @param cb Called with null or the error, as in the second form.
   * @returns False if the queue has reached `writableHighWaterMark`: wait for 'drain'.
   * @throws `ERR_OUT_OF_RANGE` if the range is not within `buf`
   */
  write(buf: Uint8Array, offset?: number, length?: number, cb?: SendCallback): boolean;
  /**
   * Sends one message. See sendmsg(2).
   *
   * @param msg The message; its memory can be changed when the call has returned.
   * @param cb Called with null when the kernel has accepted the message, otherwise with the error: `EMSGSIZE` (longer
   * than SO_SNDBUF), `ENOBUFS` (`maxQueuedBytes`), `EPIPE` (after `end()`, or the peer has closed), `ECONNRESET`,
   * `ENOTCONN` (`connect` was not called). After `EMSGSIZE` and `ENOBUFS` the connection goes on. Without a callback an
   * error is emitted as 'error', once for a connection that breaks.
   * @returns False if the queue has reached `writableHighWaterMark` (the message is sent nevertheless), or the message was
   * refused. Wait for 'drain'.
   * @example
   * ```js
   * if (!socket.write(message)) await once(socket, 'drain');
   * ```
   */
  write(msg: Message, cb?: SendCallback): boolean;
  /**
   * Sends one message with descriptors. See sendmsg(2).
   *
   * @param msg The message.
   * @param options The descriptors to send.
   * @param cb As in the second form; in addition `ETOOMANYREFS` (too many descriptors are in flight) and `EMFILE`.
   * @returns As in the second form.
   * @throws {@link SystemError} `EBADF` if a descriptor is not open
   * @example
   * ```js
   * socket.write('a file', { fds: [fd] });
   * fs.closeSync(fd); // the message has a duplicate
   * ```
   */
  write(msg: Message, options: SendOptions, cb?: SendCallback): boolean;
  /**
   * Shuts down the write side after all queued messages are sent. The read side stays open. See shutdown(2).
   *
   * @param cb Called once: with null when the write side is shut down, otherwise with the error.
   */
  end(cb?: SendCallback): void;
  /**
   * Sends `msg`, then shuts down the write side as the first form does.
   *
   * @param msg The last message.
   * @param cb Called once: with null when the write side is shut down, otherwise with the error.
   */
  end(msg: Message, cb?: SendCallback): void;
  /** The option `readBufferSize`, in bytes. */
  getInternalReadBufferSize(): number;
  /**
   * Sets the option `readBufferSize`.
   *
   * @param size Bytes, 1 to 1 GiB.
   */
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
  /**
   * Sets SO_RCVBUF. Linux does not use it for unix sockets. See unix(7).
   *
   * @param size Bytes.
   */
  setRecvBufferSize(size: number): void;
  /**
   * SO_SNDBUF in bytes. It limits the unread messages of this socket in total; one message can have up to SO_SNDBUF -
   * 32 bytes. If the buffer becomes full again although the peer reads, it is doubled once; the maximum length of a
   * message does not change. It is not doubled after `setSendBufferSize`, if the descriptor was adopted, or while 128
   * other connections of this thread have a doubled one. See unix(7).
   */
  getSendBufferSize(): number;
  /**
   * Sets SO_SNDBUF. Linux doubles the value. See socket(7).
   *
   * @param size Bytes, at most net.core.wmem_max.
   */
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
  /** Bytes queued in the process. See {@link SocketOptions.writableHighWaterMark}. */
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
   *
   * @param options `bytes`: a stream of bytes instead of messages. Default false.
   * @example
   * ```js
   * await pipeline(fs.createReadStream(file), socket.toDuplex({ bytes: true }));
   * ```
   */
  toDuplex(options?: { bytes?: boolean | undefined }): Duplex;
  /** Closes the socket. The promise is resolved after 'close'. */
  [Symbol.asyncDispose](): Promise<void>;
  /**
   * Iterates over the messages. The loop ends when the peer has ended or the socket is closed, and throws the error of
   * an 'error' event. Between two iterations messages wait as in a paused socket, so that none is lost.
   *
   * @example
   * ```js
   * for await (const message of socket) console.log(message.toString());
   * ```
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer>;
}

/**
 * Creates two connected SOCK_SEQPACKET sockets without an address. Linux only. See socketpair(2).
 *
 * @param type 'seqpacket'.
 * @param options Options of both sockets; `fd` is ignored.
 * @throws {@link SystemError} `EMFILE`, `ENFILE`
 * @throws `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM` on platforms other than Linux
 * @example
 * ```js
 * const [here, there] = createSocketPair('seqpacket');
 * there.on('data', (message) => console.log(message.toString()));
 * here.write('hello');
 * ```
 */
export function createSocketPair(type: 'seqpacket', options?: SocketOptions): [SeqpacketSocket, SeqpacketSocket];
/**
 * Creates two connected SOCK_DGRAM sockets without an address. Linux and macOS. See socketpair(2).
 *
 * @param type 'dgram'.
 * @param options Options of both sockets; `fd` is ignored.
 * @throws {@link SystemError} `EMFILE`, `ENFILE`
 */
export function createSocketPair(type: 'dgram', options?: SocketOptions): [DgramSocket, DgramSocket];

/**
 * Creates a TCP socket that is bound to `host` and `port` with SO_REUSEPORT, close-on-exec and non-blocking. It does not
 * listen yet: pass it to `net.Server#listen({ fd })`. SO_REUSEADDR is set once it listens, because it would let other users
 * bind the port before. In a cluster worker use {@link listenReuseport} instead. The caller owns the descriptor and has to pass it on, or to close it with
 * {@link closeFd}. Linux and macOS, also on Bun and Deno. See socket(7).
 *
 * @param port 0 to 65535. Default 0: the kernel chooses one.
 * @param host IPv4 or IPv6 address, not a host name. Default '0.0.0.0'.
 * @returns The descriptor.
 * @throws `ERR_SOCKET_BAD_PORT`
 * @throws {@link SystemError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EMFILE`
 * @example
 * ```js
 * http.createServer(handler).listen({ fd: createReuseportFd(8080, '127.0.0.1') });
 * ```
 */
export function createReuseportFd(port?: number, host?: string): number;
/**
 * Creates a TCP or UDP socket that is bound to `host` and `port` with SO_REUSEPORT, as the first form does.
 *
 * @param port 0 to 65535. 0: the kernel chooses one.
 * @param host IPv4 or IPv6 address, not a host name.
 * @param options `type`: 'tcp' (default) for `net.Server#listen({ fd })`, 'udp' for `dgram.Socket#bind({ fd })`.
 * `ipv6Only`: do not serve IPv4 on an IPv6 address (IPV6_V6ONLY); default false.
 * @returns The descriptor.
 * @throws `ERR_SOCKET_BAD_PORT`
 * @throws {@link SystemError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EMFILE`
 */
export function createReuseportFd(
  port: number,
  host: string,
  options: { type?: 'tcp' | 'udp' | undefined; ipv6Only?: boolean | undefined },
): number;

/**
 * Closes a descriptor that no socket of this package owns. See close(2).
 *
 * @param fd The descriptor.
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
 * @param socket A socket that is connected, or a server that listens.
 * @throws `ERR_SOCKET_CLOSED` if the socket is closed, or does not connect or listen yet, and for a server in a cluster
 * worker, whose connections the primary accepts
 * @throws `ERR_INVALID_ARG_VALUE` for a TLSSocket
 */
export function getFd(socket: NetSocket | NetServer): number;

/**
 * Makes `server` listen on a new TCP socket with SO_REUSEPORT. Works in processes, worker threads and, unlike
 * `listen({ fd })`, in cluster workers: the kernel distributes the connections over all listening sockets of the port,
 * and the primary is not involved. When a cluster worker disconnects from the primary, the server closes, as one that
 * listens through the primary does. Linux and macOS.
 *
 * A failed system call is emitted as 'error' of the server, as by `listen()`: a {@link SystemError} with `EADDRINUSE`,
 * `EADDRNOTAVAIL`, `EACCES` or `EMFILE`, and with `address` and `port`. The function can be called again afterwards.
 *
 * When a listening socket is closed, Linux resets the connections in its queue, unless another socket listens on the
 * port and `net.ipv4.tcp_migrate_req` is 1 (Linux 5.14 and later); then the kernel moves them to another socket of the
 * port. See listen(2).
 *
 * @param server A server of net, http, https or http2 that does not listen.
 * @param options Port and address.
 * @param cb Added as a listener of 'listening'.
 * @returns `server`
 * @throws `ERR_SOCKET_BAD_PORT`, `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` for a wrong argument
 * @throws `ERR_SERVER_ALREADY_LISTEN` if the server listens already
 * @example
 * ```js
 * const server = http.createServer(handler);
 * server.on('error', (err) => console.error(err.message));
 * listenReuseport(server, { port: 8080 }, () => console.log('listening'));
 * ```
 */
export function listenReuseport<S extends NetServer>(server: S, options: ListenReuseportOptions, cb?: () => void): S;
