// Uses of node-unix-socket/unix-dgram that compile, and that do not. Compiled by `npm run typecheck`, never run.
import type { Socket as UdpSocket } from 'dgram';
import type { RemoteInfo, UnixDgramError, UnixDgramSocket } from 'node-unix-socket/unix-dgram';
import { createSocket } from 'node-unix-socket/unix-dgram';
import { createSocket as createQueued } from 'node-unix-socket/unix-dgram-queued';

const buffer = Buffer.from('x');
const received = (message: Buffer, { size, path }: RemoteInfo) => `${message.length} ${size} ${path}`;
const socket: UnixDgramSocket = createSocket('unix_dgram', received);
const udp: UdpSocket = createSocket('udp4');
createSocket({ type: 'unix_dgram', queue: true }, received).connect('/path');
createQueued({ type: 'unix_dgram', queue: 65536 }).close();
const failed = (err?: UnixDgramError) => err?.nodeCode;
socket.send(buffer, failed);
socket.send('text');
socket.send(buffer, 0, 1, '/path', failed);
socket.sendto(buffer, 0, 1, '/path');
const connected: true | undefined = socket.connected;
void [udp, connected];

// @ts-expect-error the queue has bytes
createSocket({ type: 'unix_dgram', queue: '1' });
// @ts-expect-error the type is missing
createSocket({ queue: true });
// @ts-expect-error a string has no offset
socket.sendto('text', 0, 1, '/path');
