// Named, default and deep imports of an ECMAScript module.
import lib, { type DgramSocket } from 'node-unix-socket';
import type { SeqpacketSocket } from 'node-unix-socket/js/index.js';
import type { SeqpacketServer } from 'node-unix-socket/js/seqpacket';

const datagrams: DgramSocket = new lib.DgramSocket();
const server: SeqpacketServer = new lib.SeqpacketServer();
await datagrams[Symbol.asyncDispose]();
server.on('connection', (socket: SeqpacketSocket) => socket.end());
