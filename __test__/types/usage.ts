// Valid uses compile, invalid uses do not. Compiled by `npm run typecheck`, never run. The imports use the name of the
// package, so they go through its exports map.
import { once } from 'events';
import { createServer } from 'http';
import type {
  Credentials,
  ListenOptions,
  Message,
  MessageInfo,
  NotifyCb,
  SendCallback,
  SendCb,
  SystemError,
} from 'node-unix-socket';
import * as lib from 'node-unix-socket';
import { DgramSocket, SeqpacketServer, SeqpacketSocket } from 'node-unix-socket';
import { DgramSocket as DeepDgram } from 'node-unix-socket/js/dgram';
import { SeqpacketServer as DeepServer } from 'node-unix-socket/js/seqpacket.js';
import { closeFd, createReuseportFd } from 'node-unix-socket/js/socket';
import { pipeline } from 'stream/promises';
import { connect } from 'tls';

const buffer = Buffer.from('x');
const abstract = Buffer.from('\0name');
const signal = new AbortController().signal;

// Programs for 0.2.7.
const socket = new SeqpacketSocket(3);
const notify: NotifyCb = () => {};
socket.connect('/path', notify);
const accepted: boolean = socket.write(buffer, 0, 1, notify);
socket.write(buffer, undefined, undefined, (err) => err?.message);
socket.end(notify);
socket.connect('/path', (err) => err?.code);
socket.end((err) => err?.message);
const server = new SeqpacketServer();
server.listen('/path', 128);
const datagrams = new DgramSocket();
const sent: SendCb = (err) => err?.stack;
datagrams.sendTo(buffer, 0, buffer.length, '/path', sent);
createServer().listen({ fd: createReuseportFd(0, '127.0.0.1') });
closeFd(createReuseportFd());
const sameClass: DgramSocket = new DeepDgram();
const sameServer: SeqpacketServer = new DeepServer();

// Datagrams.
new DgramSocket({ fd: 3, readBufferSize: 1, writableHighWaterMark: 1, maxQueuedBytes: 1, paused: true, signal });
new SeqpacketSocket({ busyPoll: 50, allowHalfOpen: false, receiveFds: true, receiveCredentials: true });
datagrams.bind();
datagrams.bind(abstract);
datagrams.bind('/path', { mode: 0o600, unlinkStale: true, unlinkOnClose: true });
const parts: ReadonlyArray<string | Uint8Array> = ['header', buffer, new Uint8Array(1)];
const callback: SendCallback = (err) => err?.name;
datagrams.send('text');
datagrams.send(new DataView(new ArrayBuffer(1)), callback);
datagrams.send(parts, abstract, callback);
datagrams.send(new Float64Array(1), undefined, { fds: [1] }, callback);
const waiting: number = datagrams.writableLengthTo('/path') + datagrams.discard(abstract);
datagrams.ref().unref().pause().resume().setMaxListeners(20).removeAllListeners().isPaused();

// Seqpacket.
server.listen({ path: '/path', backlog: 16, mode: 0o600, socket: { receiveFds: true }, signal }, () => {}).unref();
server.listen({ fd: 3 });
server.listen('/path', () => {});
const listenOptions: ListenOptions = { path: '/path', mode: 0o600 };
server.listen(listenOptions, notify);
server.maxConnections = 5;
socket.connect({ path: abstract, timeout: 0, signal }, notify);
socket.write(['a', buffer], { fds: [0] });
socket.end('bye', notify);
socket.end('bye', (err) => err?.message);
socket.end((err) => err?.message);
socket.connect('/path', (err) => err?.message);
socket.on('error', (err) => use(err.messages === undefined ? err.message : err.messages + 1));
new SeqpacketSocket({ allowHalfOpen: false });
server.listen({ path: '/path', socket: { allowHalfOpen: false } });
socket.destroy(new Error('reason')).destroy();
const who: Credentials = socket.peerCredentials();

// Functions.
const [left, right]: [SeqpacketSocket, SeqpacketSocket] = lib.createSocketPair('seqpacket', { paused: true });
const [one]: [DgramSocket, DgramSocket] = lib.createSocketPair('dgram');
const http = lib.listenReuseport(createServer(), { port: 0, host: '::', ipv6Only: true, backlog: 1 }, () => {});
http.setTimeout(1); // returns the http.Server
use(lib.getFd(http), lib.getFd(connect({ socket: left.toDuplex({ bytes: true }) })));
createReuseportFd(0, '::', { type: 'udp', ipv6Only: true });

// Streams, iterators, promises.
async function modern(): Promise<void> {
  await pipeline(left.toDuplex(), right.toDuplex());
  connect({ socket: left.toDuplex({ bytes: true }) });
  left.toDuplex({ bytes: undefined });
  for await (const { data, path, info } of one) use(data.length, path.length, info.size);
  for await (const connection of server) for await (const message of connection) use(message.length);
  await once(socket, 'data');
  await socket[Symbol.asyncDispose]();
}

const details = (info: MessageInfo): unknown[] => {
  const { size, truncated, fds, fdsTruncated, credentials, rawPath } = info;
  return [size + 1, !truncated, fds[0] + 1, !fdsTruncated, credentials?.pid, rawPath?.length];
};
const failure = (err: SystemError): unknown[] => [err.code.length, -err.errno, err.syscall.length, err.path?.length];
const message: Message = parts;

// Callbacks: the code of an error without a cast; a callback that takes any Error; one that is called by the program.
socket.write('x', (err) => use(err?.code === 'EPIPE', err?.syscall));
datagrams.send('x', '/path', (err) => use(err?.code));
datagrams.sendTo(buffer, 0, 1, '/path', (err) => use(err?.code));
const anyError = (err: Error | null): void => use(err);
socket.write('x', anyError);
callback(new Error('the program calls it'));

// Optional properties take undefined, also with exactOptionalPropertyTypes.
interface Config {
  signal?: AbortSignal | undefined;
  bytes?: number | undefined;
  mode?: number | undefined;
  flag?: boolean | undefined;
  fds?: number[] | undefined;
}
function configured(config: Config): void {
  const { signal, bytes, mode, flag, fds } = config;
  new DgramSocket({
    fd: bytes,
    readBufferSize: bytes,
    writableHighWaterMark: bytes,
    maxQueuedBytes: bytes,
    receiveFds: flag,
    receiveCredentials: flag,
    paused: flag,
    signal,
    busyPoll: bytes,
    allowHalfOpen: flag,
  }).bind('/path', { mode, unlinkStale: flag, unlinkOnClose: flag });
  const socketOptions = { maxQueuedBytes: bytes, paused: flag };
  server.listen({ path: '/path', fd: undefined, backlog: bytes, mode, signal, socket: socketOptions });
  server.listen({ path: undefined, fd: 3, socket: undefined });
  socket.connect({ path: '/path', timeout: bytes, signal });
  socket.write('x', { fds });
  socket.toDuplex({ bytes: flag });
  new SeqpacketServer({ maxConnections: bytes });
  createReuseportFd(0, '::', { type: undefined, ipv6Only: flag });
  lib.listenReuseport(createServer(), { port: 0, host: undefined, backlog: bytes, ipv6Only: flag });
  const info: MessageInfo = {
    size: 1,
    truncated: false,
    fds: [],
    credentials: null,
    rawPath: undefined,
    fdsTruncated: undefined,
  };
  use(info);
}
use(configured);
function use(..._values: unknown[]): void {}
use(waiting, accepted, sameClass, sameServer, who.uid, modern, details, failure, message);

// Invalid uses.
// @ts-expect-error a message is not a number
datagrams.send(1);
// @ts-expect-error a message is not an array of numbers
datagrams.send([1, 2]);
// @ts-expect-error sendTo needs a destination
datagrams.sendTo(buffer, 0, 1);
// @ts-expect-error options come after a destination
datagrams.send(buffer, { fds: [1] });
// @ts-expect-error descriptors are numbers
socket.write(buffer, { fds: ['1'] });
// @ts-expect-error a path is a string or a Buffer
socket.connect(new URL('file:///path'));
// @ts-expect-error connect needs a path
socket.connect({ timeout: 1 });
// @ts-expect-error an unknown option
new SeqpacketSocket({ readBuffersize: 1 });
// @ts-expect-error accepted sockets have a descriptor already
server.listen({ path: '/path', socket: { fd: 3 } });
// @ts-expect-error read only
socket.fd = 3;
// @ts-expect-error read only
server.connections = 1;
// @ts-expect-error no such type of socket
lib.createSocketPair('stream');
// @ts-expect-error no such type of socket
createReuseportFd(0, '::', { type: 'sctp' });
// @ts-expect-error not a server
lib.listenReuseport({}, { port: 1 });
// @ts-expect-error a port is needed
lib.listenReuseport(createServer(), {});
// @ts-expect-error a helper type is not exported
lib.TypedEmitter;
// @ts-expect-error the server has no such method
server.write(buffer);
// @ts-expect-error a path or a descriptor is needed
server.listen({});
// @ts-expect-error a path or a descriptor is needed
server.listen({ mode: 0o600 });
// @ts-expect-error a path excludes a descriptor
server.listen({ path: '/path', fd: 3 });
// @ts-expect-error options are not the second argument
server.listen('/path', { mode: 0o600 });
// @ts-expect-error a path comes before the options
datagrams.bind({ mode: 0o600 });
// @ts-expect-error the callback is the last argument
datagrams.send('x', callback, '/path');
// @ts-expect-error the callback is the last argument
socket.write('x', callback, { fds: [1] });
// @ts-expect-error a message has no encoding
socket.write('x', 'utf8');
// @ts-expect-error the option is fds
socket.write('x', { fd: 1 });
// @ts-expect-error the option is fd
new DgramSocket({ fds: [1] });
// @ts-expect-error the option is writableHighWaterMark
new SeqpacketSocket({ highWaterMark: 1 });
// @ts-expect-error a socket is not created with a path
new SeqpacketSocket('/path');
// @ts-expect-error a datagram socket is not created with a path
new DgramSocket('/path');
// @ts-expect-error options are not the second argument
socket.connect('/path', { timeout: 1 });
// @ts-expect-error a backlog is an option of listen
new SeqpacketServer({ backlog: 5 });
// @ts-expect-error the options come after port and host
createReuseportFd({ port: 0 });
// @ts-expect-error no such option
socket.toDuplex({ objectMode: true });
