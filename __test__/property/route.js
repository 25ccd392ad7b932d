'use strict';
// What one end sends one way, to a path or to its connected peer: what was handed over, what came of it, who saw it.

class Violation extends Error {}

function check(holds, what) {
  if (!holds) throw new Violation(what);
}

/** Content of message `n` of a route: its own from 4 bytes on, the last of which says the route. */
function content(route, n, size) {
  const data = Buffer.alloc(size, (n * 31 + route * 7) & 0xff);
  if (size >= 4) data.writeUInt32LE(((route << 24) | n) >>> 0);
  return data;
}

/** Several routes lead to such an end, and every message has to say its own. */
const TAGGED_SIZE = 4;
const tagOf = (data) => data[3];

class Route {
  /** @param {any} from @param {number} id */
  constructor(from, id) {
    this.from = from;
    this.id = id;
    this.sent = []; // { data, n, cb, outcome: undefined | null | Error, called, arrived, excused }
    /** Who may see its messages: the first that each may still see. */
    this.next = new Map();
    this.lastSettled = -1;
  }

  reaches(end) {
    if (!this.next.has(end)) this.next.set(end, 0);
  }

  /** A message to hand over. */
  message({ size, cb }, tagged) {
    const n = this.sent.length;
    const data = content(this.id, n, tagged ? Math.max(size, TAGGED_SIZE) : size);
    const message = { n, data, cb, called: 0, outcome: undefined, arrived: false, excused: false };
    this.sent.push(message);
    return message;
  }

  /** A stream calls those back first that it never handed on: in order is what the socket says. */
  settled(message, err, inOrder) {
    check(++message.called === 1, `a callback ran ${message.called} times`);
    check(err === null || err instanceof Error, `a callback got ${err}`);
    message.outcome = err;
    if (!inOrder) return;
    check(message.n > this.lastSettled, `callback of message ${message.n} came after that of ${this.lastSettled}`);
    this.lastSettled = message.n;
  }

  /** @param {Buffer} data @param {any} end @param {any} [info] none where only the bytes are told */
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
      `socket ${end.id}: a message of ${length} bytes that nobody sent, or out of order (${from} of ${this.sent.length} seen)`,
    );
    const message = this.sent[at];
    check(!(message.outcome instanceof Error), `message ${at} was told as failed (${message.outcome}) and arrived`);
    message.arrived = true;
    this.next.set(end, at + 1);
  }

  /** What is on its way to an end may be lost: the kernel empties what waits there. */
  excuse() {
    for (const message of this.sent) message.excused = true;
  }

  /** Not seen, nor told as failed. An 'error' event may stand for one of them. */
  unseen() {
    return this.sent.filter(({ arrived, outcome, excused }) => !arrived && !excused && !(outcome instanceof Error));
  }

  /** What was told as sent and is not seen, though everybody it may reach reads on. */
  missing() {
    const ends = [...this.next.keys()];
    if (ends.length === 0 || ends.some((end) => end.gone() || end.fragile() || !end.wasListened)) return [];
    return this.unseen().filter((message) => message.outcome === null);
  }
}

module.exports = { Route, Violation, check, tagOf };
