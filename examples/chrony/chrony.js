'use strict';

/**
 * A client of chronyd's command socket, which chronyc uses too. A request and its reply are one datagram each, with a sequence number that
 * connects them. chronyd replies to the path of the sender, so a client binds a path of its own, which chronyd must be allowed to write to.
 */

const path = require('path');
const { DgramSocket } = require('../..'); // in your program: require('node-unix-socket')

const VERSION = 6;
const [REQUEST, REPLY] = [1, 2];
const REQUEST_HEADER = 20;
const REPLY_HEADER = 28;
/** Number of the command, number of its reply, and length of the reply's data. A request must not be shorter than its reply. */
const TRACKING = { command: 33, reply: 5, length: 76 };
const STATUS = ['success', 'failed', 'unauthorized', 'invalid', 'no such source', 'invalid timestamp', 'not enabled'];
const LEAP = ['Normal', 'Insert second', 'Delete second', 'Not synchronised'];
/** Milliseconds to wait for a reply, and requests that are sent before giving up. */
const TIMEOUT = 1000;
const ATTEMPTS = 3;

class Chrony {
  /** @param {string} server usually /run/chrony/chronyd.sock */
  constructor(server) {
    this.waiting = new Map();
    this.sequence = 0;
    this.socket = new DgramSocket();
    this.socket.bind(path.join(path.dirname(server), `node.${process.pid}.sock`), {
      mode: 0o666, // chronyd may run as another user; the directory protects the socket
      unlinkStale: true,
      unlinkOnClose: true,
    });
    this.socket.connect(server);
    this.socket.on('data', (reply) => this.receive(reply));
  }

  receive(reply) {
    if (reply.length < REPLY_HEADER || reply[0] !== VERSION || reply[1] !== REPLY) return;
    const waiting = this.waiting.get(reply.readUInt32BE(16));
    if (waiting) waiting(reply);
  }

  /** Resolves to the data of the reply. */
  async request({ command, reply, length }) {
    const sequence = ++this.sequence;
    const request = Buffer.alloc(Math.max(REQUEST_HEADER, REPLY_HEADER + length));
    request[0] = VERSION;
    request[1] = REQUEST;
    request.writeUInt16BE(command, 4);
    request.writeUInt32BE(sequence, 8);
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        request.writeUInt16BE(attempt, 6);
        const answer = await this.exchange(request, sequence);
        if (answer === undefined) continue;
        const status = answer.readUInt16BE(8);
        if (status !== 0) throw new Error(`chronyd: ${STATUS[status] || `status ${status}`}`);
        if (answer.readUInt16BE(6) !== reply || answer.length < REPLY_HEADER + length) {
          throw new Error('chronyd: unexpected reply');
        }
        return answer.subarray(REPLY_HEADER);
      }
    } finally {
      this.waiting.delete(sequence);
    }
    throw new Error('chronyd: no reply');
  }

  /** Resolves to the reply, or to undefined if there was none in time. */
  exchange(request, sequence) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, TIMEOUT);
      this.waiting.set(sequence, (reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
      this.socket.send(request, (err) => {
        if (!err) return;
        clearTimeout(timer);
        reject(err);
      });
    });
  }

  /** How the clock is synchronised: what `chronyc tracking` prints. Seconds, and parts per million. */
  async tracking() {
    const data = await this.request(TRACKING);
    return {
      referenceId: data.toString('hex', 0, 4).toUpperCase(),
      stratum: data.readUInt16BE(24),
      leapStatus: LEAP[data.readUInt16BE(26)],
      referenceTime: data.readUInt32BE(28) * 2 ** 32 + data.readUInt32BE(32) + data.readUInt32BE(36) / 1e9,
      systemTimeOffset: float(data, 40),
      lastOffset: float(data, 44),
      rmsOffset: float(data, 48),
      frequency: float(data, 52),
      residualFrequency: float(data, 56),
      skew: float(data, 60),
      rootDelay: float(data, 64),
      rootDispersion: float(data, 68),
      updateInterval: float(data, 72),
    };
  }

  close() {
    this.socket.close();
  }
}

/** chronyd's own format: 7 bits of exponent and 25 bits of coefficient, both signed. */
function float(data, offset) {
  const word = data.readInt32BE(offset);
  return ((word << 7) >> 7) * 2 ** ((word >> 25) - 25);
}

module.exports = { Chrony };
