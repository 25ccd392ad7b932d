'use strict';
const net = require('net');

/** Up to this length a copy into the frame takes less time than a second buffer in the system call. */
const COPY = 4096;

/** Frames of a stream: 4 bytes of length, then the message. A message within one chunk is a view of it, otherwise one copy. */
class Framed {
  constructor(socket) {
    this.socket = socket;
    this.onMessage = null;
    this.head = Buffer.alloc(4); // an incomplete frame at the end of a chunk: its length ...
    this.body = null; // ... and, if the length is complete, its message
    this.have = 0;
  }

  on(event, fn) {
    if (event === 'data') {
      this.onMessage = fn;
      this.socket.on('data', (chunk) => this.parse(chunk));
    } else {
      this.socket.on(event, fn);
    }
  }

  parse(chunk) {
    const end = chunk.length;
    let at = this.have > 0 || this.body !== null ? this.resume(chunk) : 0;
    while (end - at >= 4) {
      const next = at + 4 + chunk.readUInt32LE(at);
      if (next > end) break;
      this.onMessage(chunk.subarray(at + 4, next));
      at = next;
    }
    if (at < end) this.resume(chunk.subarray(at));
  }

  /** Completes the incomplete frame. Returns the number of bytes taken from the chunk. */
  resume(chunk) {
    let at = 0;
    if (this.body === null) {
      at = chunk.copy(this.head, this.have, 0, 4 - this.have);
      this.have += at;
      if (this.have < 4) return at;
      this.body = Buffer.allocUnsafe(this.head.readUInt32LE(0));
      this.have = 0;
    }
    const copied = chunk.copy(this.body, this.have, at);
    this.have += copied;
    if (this.have === this.body.length) {
      const message = this.body;
      this.body = null;
      this.have = 0;
      this.onMessage(message);
    }
    return at + copied;
  }

  write(message, callback) {
    const { socket } = this;
    const { length } = message;
    if (length <= COPY) {
      const frame = Buffer.allocUnsafe(4 + length);
      frame.writeUInt32LE(length, 0);
      frame.set(message, 4);
      return socket.write(frame, callback);
    }
    const head = Buffer.allocUnsafe(4);
    head.writeUInt32LE(length, 0);
    socket.cork();
    socket.write(head);
    const more = socket.write(message, callback);
    socket.uncork();
    return more;
  }

  end() {
    this.socket.end();
  }
}

/** The same with cork(): the frames of a burst share one system call and one kernel buffer. */
class CorkedFramed extends Framed {
  cork() {
    this.socket.cork();
  }

  uncork() {
    this.socket.uncork();
  }
}

const contestant = (label, Connection) => ({
  label,
  cannot: () => undefined,
  listen: (path, onConnection) =>
    net.createServer((socket) => onConnection(new Connection(socket))).listen({ path, backlog: 4096 }),
  connect(path, onConnect) {
    const socket = net.connect(path);
    const connection = new Connection(socket);
    socket.once('connect', () => onConnect(connection));
    return connection;
  },
});

exports.plain = contestant('node:net, framed', Framed);
exports.corked = contestant('node:net, framed, corked', CorkedFramed);
