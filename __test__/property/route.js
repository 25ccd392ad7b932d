'use strict';
// The messages from one end to a path or to its connected peer: sent, failed, received by which ends.

class Violation extends Error {}

function check(holds, what) {
  if (!holds) throw new Violation(what);
}

/** The content of message `n` of a route. From 4 bytes on it contains `n` and, in the fourth byte, the route. */
function content(route, n, size) {
  const data = Buffer.alloc(size, (n * 31 + route * 7) & 0xff);
  if (size >= 4) data.writeUInt32LE(((route << 24) | n) >>> 0);
  return data;
}

/** The minimum size of a message to an end with several routes, so that it contains its route. */
const TAGGED_SIZE = 4;
const tagOf = (data) => data[3];

class Route {
  /** @param {any} from @param {number} id */
  constructor(from, id) {
    this.from = from;
    this.id = id;
    this.sent = []; // { data, n, cb, outcome: undefined | null | Error, called, arrived, excused }
    /** End -> number of the next message that it may receive. */
    this.next = new Map();
    this.lastSettled = -1;
  }

  reaches(end) {
    if (!this.next.has(end)) this.next.set(end, 0);
  }

  /** Creates the next message. */
  message({ size, cb }, tagged) {
    const n = this.sent.length;
    const data = content(this.id, n, tagged ? Math.max(size, TAGGED_SIZE) : size);
    const message = { n, data, cb, called: 0, outcome: undefined, arrived: false, excused: false };
    this.sent.push(message);
    return message;
  }

  /** Records the result of a message. Streams run callbacks out of order: first those of messages not written. */
  settled(message, err, inOrder) {
    check(++message.called === 1, `a callback ran ${message.called} times`);
    check(err === null || err instanceof Error, `a callback got ${err}`);
    message.outcome = err;
    if (!inOrder) return;
    check(message.n > this.lastSettled, `callback of message ${message.n} ran after that of ${this.lastSettled}`);
    this.lastSettled = message.n;
  }

  /** @param {Buffer} data @param {any} end @param {any} [info] unless read as bytes only */
  arrived(data, end, info) {
    const { length } = data;
    const size = info === undefined ? undefined : info.size;
    const sized = (whole) =>
      size === undefined ? length === whole || (length < whole && end.readSizes.has(length)) : size === whole;
    const fits = ({ data: whole }) => sized(whole.length) && whole.subarray(0, length).equals(data);
    const from = this.next.get(end);
    let at = from;
    while (at < this.sent.length && (this.sent[at].arrived || !fits(this.sent[at]))) at++;
    check(
      at < this.sent.length,
      `socket ${end.id}: unknown message of ${length} bytes, or out of order (${from} of ${this.sent.length} received)`,
    );
    const message = this.sent[at];
    check(!(message.outcome instanceof Error), `message ${at} was reported as failed (${message.outcome}) and arrived`);
    message.arrived = true;
    this.next.set(end, at + 1);
  }

  /** Allows that messages in transit are lost, because the kernel empties the queue of the receiver. */
  excuse() {
    for (const message of this.sent) message.excused = true;
  }

  /** Messages that neither arrived nor failed. An 'error' event may report one of them. */
  unseen() {
    return this.sent.filter(({ arrived, outcome, excused }) => !arrived && !excused && !(outcome instanceof Error));
  }

  /** Messages that were reported as sent and did not arrive, although every possible receiver reads. */
  missing() {
    const ends = [...this.next.keys()];
    const away = (end) => end.gone() || end.fragile() || !end.wasListened || end.unread;
    if (ends.length === 0 || ends.some(away)) return [];
    return this.unseen().filter((message) => message.outcome === null);
  }
}

module.exports = { Route, Violation, check, tagOf };
