// The events of the three classes: listeners have typed arguments, invalid listeners do not compile.
import { type EventEmitter, on, once } from 'events';
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

// 'drain' of a datagram socket names the destination; errors have a code.
datagrams.on('drain', (path) => use(path.length));
datagrams.on('error', (err) => use(err.code?.length, err.syscall, err.errno, (err.messages ?? 1) + 1));
socket.on('error', (err) => use(err.code === 'EPIPE', err.path));
server.on('error', ({ code }) => use(code === 'EMFILE'));
socket.on('error', (err: Error) => use(err.message));
socket.emit('error', new Error('any'));

// Events of the user: a symbol, a name that is known at run time only, and those of a subclass.
const mine = Symbol('mine');
socket.on(mine, (a, b) => use(a, b)).once(mine, () => {});
socket.emit(mine, 1, 2);
const anyName = (name: string): unknown => socket.on(name, () => {}).emit(name, 1);
const eachName = (name: 'end' | 'close'): unknown => socket.on(name, () => {}).off(name, use);
class Protocol extends SeqpacketSocket<{ request: (id: number) => void }> {
  constructor() {
    super();
    this.on('data', (buf) => this.emit('request', buf.readUInt32LE(0)));
  }
}
new Protocol().on('request', (id) => use(id + 1)).on('error', (err) => use(err.code));
class Metrics extends DgramSocket<{ sample: (name: string, value: number) => void }> {}
new Metrics().once('sample', (name, value) => use(name.length, value + 1));
class Pool extends SeqpacketServer<{ empty: () => void }> {}
new Pool().on('empty', () => {}).emit('empty');
const withoutOwn: SeqpacketSocket = new Protocol();

// An event of 0.2.7.
socket
  .once('_shutdown', () => {})
  .removeAllListeners('_shutdown')
  .removeAllListeners();

// The classes are EventEmitters.
const plain: EventEmitter = socket;
const emitters: EventEmitter[] = [datagrams, server, socket];
const ofNode: NodeJS.EventEmitter[] = [datagrams, server, socket];
class Mine extends SeqpacketSocket {}
new Mine().on('data', (buf) => use(buf.length, plain, emitters, ofNode, anyName, eachName, withoutOwn));
async function waits(): Promise<void> {
  const [data] = await once(socket, 'data');
  for await (const [path] of on(datagrams, 'drain')) use(path, data);
}

// @ts-expect-error an event of dgram.Socket and of WebSocket
datagrams.on('message', () => {});
// @ts-expect-error the same
socket.once('message', use);
// @ts-expect-error the same
socket.off('message', use);
// @ts-expect-error the server has no messages
server.on('data', () => {});
// @ts-expect-error a socket has no connections
socket.addListener('connection', () => {});
// @ts-expect-error misspelled
socket.prependListener('clsoe', () => {});
// @ts-expect-error an event of the subclass only
socket.on('request', () => {});
// @ts-expect-error the listener of an event of a subclass is typed
new Protocol().on('request', (id: string) => use(id));
// @ts-expect-error the arguments of an event of a subclass are typed
new Protocol().emit('request', 'x');
// @ts-expect-error unknown to the subclass
new Protocol().on('response', () => {});
// @ts-expect-error unknown
socket.emit('message', 1);
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
use(waits);
