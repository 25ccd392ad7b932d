// The events of the three classes: listeners have typed arguments, invalid listeners do not compile.
import type { EventEmitter } from 'events';
import { DgramSocket, SeqpacketServer, SeqpacketSocket } from 'node-unix-socket';

const datagrams = new DgramSocket();
const server = new SeqpacketServer();
const socket = new SeqpacketSocket();

function use(..._values: unknown[]): void {}

datagrams
  .on('data', (buf, path, info) => use(buf.readUInt8(0), path.length, info.size, info.rawPath?.length))
  .once('data', (buf) => use(buf.length))
  .on('error', (err) => use(err.message))
  .on('drain', () => {})
  .on('connect', () => {})
  .on('close', () => {});
server
  .on('listening', () => {})
  .on('connection', (connection, path) => use(connection.peerCredentials().pid, path.length))
  .on('error', (err) => use(err.message))
  .on('close', () => {});
socket
  .addListener('data', (buf, info) => use(buf.length, info.fds.length))
  .prependListener('end', () => {})
  .prependOnceListener('connect', () => {})
  .off('close', use)
  .removeListener('drain', use);

// Events of the user.
socket.on('mine', (a, b) => use(a, b));
socket.on(Symbol('mine'), () => {});
socket.emit('mine', 1, 2);
const anyName = (name: string): unknown => socket.on(name, () => {});

// The classes are EventEmitters.
const plain: EventEmitter = socket;
const emitters: EventEmitter[] = [datagrams, server, socket];
class Mine extends SeqpacketSocket {}
new Mine().on('data', (buf) => use(buf.length, plain, emitters, anyName));

// @ts-expect-error the first argument is a Buffer
datagrams.on('data', (text: string) => use(text));
// @ts-expect-error the second argument is the path of the sender, not info
datagrams.on('data', (_buf, info) => use(info.size));
// @ts-expect-error the second argument is info, not a path
socket.on('data', (_buf: Buffer, path: string) => use(path));
// @ts-expect-error the connections of a server are SeqpacketSockets
server.on('connection', (connection: DgramSocket) => use(connection));
// @ts-expect-error 'drain' has no arguments
socket.once('drain', (bytes: number) => use(bytes));
// @ts-expect-error a listener is a function
socket.on('data', 'listener');
// @ts-expect-error the arguments of emit are typed
socket.emit('data', 1);
