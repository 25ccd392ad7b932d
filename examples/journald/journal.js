'use strict';

/**
 * A client of systemd-journald's native protocol: one datagram an entry, any fields, values with newlines or bytes that are no text.
 * https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
 */

const fs = require('fs');
const { DgramSocket } = require('../..'); // in your program: require('node-unix-socket')

const JOURNAL = '/run/systemd/journal/socket';

/** NAME, newline, the length as 64 bits little-endian, the bytes, newline: right for every value, whatever is in it. */
function encode(fields) {
  const parts = [];
  for (const [name, value] of Object.entries(fields)) {
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.length));
    parts.push(Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}

/**
 * A descriptor with the entry in it, for one too big for a datagram. journald takes a file without a name directly in /dev/shm, /tmp or
 * /var/tmp (libsystemd itself falls back to this), so plain Node can do it. For the copy-free way see memfd.js.
 */
async function unlinkedFile(entry) {
  const name = `/dev/shm/journal-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const fd = fs.openSync(name, 'wx+', 0o600);
  fs.unlinkSync(name);
  fs.writeFileSync(fd, entry);
  return fd;
}

class Journal {
  /** @param {{ path?: string, fileFor?: (entry: Buffer) => Promise<number> }} [options] */
  constructor({ path = JOURNAL, fileFor = unlinkedFile } = {}) {
    this.fileFor = fileFor;
    this.socket = new DgramSocket();
    this.socket.connect(path);
    this.socket.on('error', (err) => console.error(`journal: ${err.message}`)); // each send() is told of its own failure too
  }

  /** Resolves to how the entry went: 'datagram' or 'descriptor'. */
  async send(fields) {
    const entry = encode(fields);
    try {
      await this.post(entry);
      return 'datagram';
    } catch (err) {
      if (err.code !== 'EMSGSIZE') throw err;
    }
    const fd = await this.fileFor(entry);
    try {
      await this.post('', { fds: [fd] }); // an empty message: the entry is in the file
      return 'descriptor';
    } finally {
      fs.closeSync(fd); // the socket has its own duplicate while the message waits
    }
  }

  post(message, options = {}) {
    return new Promise((resolve, reject) => {
      this.socket.send(message, undefined, options, (err) => (err ? reject(err) : resolve()));
    });
  }

  close() {
    this.socket.close();
  }
}

module.exports = { Journal, encode, JOURNAL };
