'use strict';
// One end of a link in a property run: a socket of the library, what was handed to it, what it must still see.

const { lib } = require('../helpers/lib');

/** Content of message `n` of a sender: its own from 4 bytes on. */
function content(sender, n, size) {
  const data = Buffer.alloc(size, (n * 31 + sender * 7) & 0xff);
  if (size >= 4) data.writeUInt32LE(((sender << 24) | n) >>> 0);
  return data;
}

class Violation extends Error {}

function check(holds, what) {
  if (!holds) throw new Violation(what);
}

/** A function with no parameter is 0.2.7's NotifyCb for a seqpacket socket. */
const CALLBACKS = {
  none: () => undefined,
  notify: (fn) => () => fn(null),
  error: (fn) => (err) => fn(err),
};

class End {
  /** @param {any} world @param {number} id @param {any} socket @param {boolean} dgram */
  constructor(world, id, socket, dgram, destination) {
    Object.assign(this, { world, id, socket, dgram, destination });
    /** @type {End | undefined} */
    this.peer = undefined;
    this.sent = []; // { data, n, kind, outcome: undefined | null | Error, called }
    this.next = 0; // of the peer's `sent`, the first not yet seen
    this.lastSettled = -1;
    this.errors = 0;
    this.closes = 0;
    this.ends = 0;
    this.closedByUs = false;
    this.wasListened = false;
    this.hooks = { data: [], cb: [], drain: [], end: [], close: [], error: [] };
    this.inCall = false;
    for (const event of ['error', 'close', 'end', 'drain']) {
      socket.on(event, (...args) => world.guard(() => this[`on_${event}`](...args)));
    }
    this.onData = (data, ...rest) => world.guard(() => this.receive(data, rest[rest.length - 1]));
    this.listen();
  }

  listen() {
    if (this.socket.listenerCount('data') > 0) return;
    this.wasListened = true;
    this.socket.on('data', this.onData);
  }

  unlisten() {
    this.socket.removeListener('data', this.onData);
  }

  react(event) {
    const hook = this.hooks[event].shift();
    if (hook) this.world.perform(hook);
  }

  /** Hands over one message; how is one of the call shapes. */
  send({ size, cb, shape, fds }) {
    const { socket, dgram } = this;
    const message = {
      n: this.sent.length,
      data: content(this.id, this.sent.length, size),
      cb,
      called: 0,
      outcome: undefined,
    };
    const callback = CALLBACKS[dgram && cb === 'notify' ? 'error' : cb]((err) =>
      this.world.guard(() => this.settled(message, err)),
    );
    this.sent.push(message);
    this.inCall = true;
    try {
      this.hand(shape, message.data, fds ? [this.world.spareFd] : [], callback);
    } catch (err) {
      // Closed by an earlier operation: nothing was taken.
      check(err.code === 'ERR_SOCKET_CLOSED' || err.code === 'ENOTCONN', `send threw ${err.stack}`);
      check(err.code !== 'ERR_SOCKET_CLOSED' || socket.closed, 'ERR_SOCKET_CLOSED from an open socket');
      message.outcome = err;
      message.called = 1;
    } finally {
      this.inCall = false;
    }
  }

  hand(shape, data, fds, callback) {
    const { socket, destination } = this;
    const options = fds.length > 0 ? { fds } : undefined;
    const parts = shape === 'parts' ? [data.subarray(0, 1), data.subarray(1)] : data;
    if (this.dgram) {
      if (shape === 'slice' && destination && !options) {
        const wide = Buffer.concat([Buffer.alloc(3), data, Buffer.alloc(2)]);
        return socket.sendTo(wide, 3, data.length, destination, callback);
      }
      return socket.send(parts, destination, options, callback);
    }
    if (options) return socket.write(parts, options, callback);
    if (shape === 'slice') {
      const wide = Buffer.concat([Buffer.alloc(3), data, Buffer.alloc(2)]);
      socket.write(wide, 3, data.length, callback);
      wide.fill(0xee); // the caller may use its memory again at once
      return undefined;
    }
    return socket.write(parts, callback);
  }

  settled(message, err) {
    check(!this.inCall, 'a callback ran before its call returned');
    check(++message.called === 1, `a callback ran ${message.called} times`);
    check(err === null || err instanceof Error, `a callback got ${err}`);
    message.outcome = err;
    check(message.n > this.lastSettled, `callback of message ${message.n} came after that of ${this.lastSettled}`);
    this.lastSettled = message.n;
    this.react('cb');
  }

  receive(data, info) {
    for (const fd of info.fds) lib.closeFd(fd);
    check(!this.closedByUs && this.closes === 0, "'data' after close");
    check(this.ends === 0, "'data' after 'end'");
    const { sent } = this.peer;
    const { length } = data;
    const fits = ({ data: whole }) => info.size === whole.length && whole.subarray(0, length).equals(data);
    let at = this.next;
    while (at < sent.length && !fits(sent[at])) at++;
    check(
      at < sent.length,
      `socket ${this.id}: a message of ${info.size} bytes that nobody sent, or out of order (${this.next} of ${sent.length} seen)`,
    );
    check(info.truncated === length < info.size, 'truncated is wrong');
    for (const skipped of sent.slice(this.next, at)) {
      check(skipped.outcome !== null, `message ${skipped.n} was told as sent and is lost`);
      skipped.lost = true;
    }
    check(!(sent[at].outcome instanceof Error), `message ${at} was told as failed (${sent[at].outcome}) and arrived`);
    sent[at].arrived = true;
    this.next = at + 1;
    this.react('data');
  }

  on_error(err) {
    check(typeof err.code === 'string', `an error without a code: ${err.stack}`);
    check(this.closes === 0, "'error' after 'close'");
    this.errors++;
    this.react('error');
  }

  on_drain() {
    check(!this.closedByUs, "'drain' after close");
    this.react('drain');
  }

  on_end() {
    check(++this.ends === 1, "'end' twice");
    check(!this.closedByUs && this.closes === 0, "'end' after close");
    this.react('end');
  }

  on_close() {
    check(++this.closes === 1, "'close' twice");
    check(this.socket.closed, "'close' of a socket that says it is open");
    this.react('close');
  }

  /** Whether everything it can still hear has come. */
  settledDown() {
    if (this.sent.some((message) => message.cb === 'error' && message.called === 0)) return false;
    if (this.socket.closed) return this.closes === 1;
    return this.socket.writableLength === 0 && (!this.peer || this.peer.socket.closed || this.lost() <= this.errors);
  }

  /** Messages that did not arrive, and nobody said that they failed. An 'error' event may stand for one of them. */
  lost() {
    return this.sent.filter((message) => !message.arrived && !(message.outcome instanceof Error)).length;
  }

  /** What was told as sent and the peer, reading on, did not see. */
  missing() {
    const { peer } = this;
    if (!peer || peer.closedByUs || !peer.wasListened) return [];
    // The kernel drops what waits in one socket of a connected pair when that one sends to the other, closed by then
    // (unix_dgram_disconnected).
    if (this.dgram && !this.destination && this.socket.closed && peer.sent.length > 0) return [];
    return this.sent.slice(peer.next).filter((message) => message.outcome === null);
  }
}

module.exports = { End, Violation, check };
