'use strict';

/**
 * A client of the native protocol of systemd-journald: one datagram per entry, any fields, any bytes as values.
 * https://systemd.io/JOURNAL_NATIVE_PROTOCOL/
 */

const fs = require('fs');
const { DgramSocket } = require('../..'); // in your program: require('node-unix-socket')

const JOURNAL = '/run/systemd/journal/socket';

/** Encodes a field as: name, newline, length (64 bits, little-endian), value, newline. Works for every value. */
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
 * Returns a descriptor of a file with the entry, for an entry that is too long for a datagram. journald accepts an unlinked file in /dev/shm,
 * /tmp or /var/tmp; libsystemd does the same if it has no memfd. memfd.js avoids the copy in journald.
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
    this.socket.on('error', (err) => console.error(`journal: ${err.message}`)); // errors of messages are passed to their callbacks
  }

  /** Sends an entry. Resolves to 'datagram' or 'descriptor'. */
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
      await this.post('', { fds: [fd] }); // the message is empty: the entry is in the file
      return 'descriptor';
    } finally {
      fs.closeSync(fd); // a queued message has its own duplicate
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
