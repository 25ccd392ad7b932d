'use strict';

/**
 * Publishes messages to any number of subscribers. Processes subscribe with a datagram from the socket that they are bound to. A
 * subscriber that does not keep up misses messages, one that stops reading is given up, and neither delays the others.
 */

const { EventEmitter } = require('events');
const { DgramSocket } = require('../..'); // in your program: require('node-unix-socket')

/**
 * Events, each with the address of the subscriber:
 * subscribed(path) · slow(path) · drained(path, { missed }) · gone(path, { reason, missed, dropped }) · error(err).
 * `missed` messages were not sent to it, `dropped` messages were waiting for it.
 */
class Publisher extends EventEmitter {
  /**
   * @param {{ path: string, highWaterMark?: number, patience?: number }} options `path`: where to subscribe.
   * `highWaterMark`: bytes that may wait for one subscriber; it misses what follows. `patience`: messages in a row that a
   * subscriber may miss before it is given up.
   */
  constructor({ path, highWaterMark = 65536, patience = 1000 }) {
    super();
    this.patience = patience;
    /** @type {Map<string, { full: boolean, missed: number, inRow: number, sent: (err: Error | null) => void }>} */
    this.subscribers = new Map();

    // Not bound: then subscribers that do not read cannot use up the SO_SNDBUF that the messages to the others need.
    this.socket = new DgramSocket({ writableHighWaterMark: highWaterMark });
    this.socket.on('error', (err) => this.emit('error', err));
    this.socket.on('drain', (to) => this.drained(to));

    this.requests = new DgramSocket();
    this.requests.on('error', (err) => this.emit('error', err));
    this.requests.on('data', (_message, from) => from && this.subscribe(from));
    this.requests.bind(path, { mode: 0o600, unlinkStale: true, unlinkOnClose: true });
  }

  /** Adds the subscriber that is bound to `path`, or adds it again after it was restarted. */
  subscribe(path) {
    const sent = (err) => {
      // ENOBUFS: discard() has dropped the message. Another error: the subscriber has exited.
      if (err && err.code !== 'ENOBUFS' && err.code !== 'ERR_SOCKET_CLOSED') this.remove(path, err.code);
    };
    const full = this.socket.writableLengthTo(path) >= this.socket.writableHighWaterMark;
    this.subscribers.set(path, { full, missed: 0, inRow: 0, sent });
    this.emit('subscribed', path);
  }

  publish(message) {
    for (const [path, subscriber] of this.subscribers) {
      if (subscriber.full) this.miss(path, subscriber);
      else if (!this.socket.send(message, path, subscriber.sent)) {
        subscriber.full = true; // until 'drain'
        if (this.socket.writableLengthTo(path) > 0) this.emit('slow', path); // otherwise the message failed
      }
    }
  }

  miss(path, subscriber) {
    subscriber.missed++;
    if (++subscriber.inRow === this.patience) this.remove(path, 'does not read');
  }

  drained(path) {
    const subscriber = this.subscribers.get(path);
    if (!subscriber?.full) return;
    Object.assign(subscriber, { full: false, inRow: 0 });
    this.emit('drained', path, { missed: subscriber.missed });
  }

  /** Removes a subscriber and drops what waits for it. */
  remove(path, reason) {
    const subscriber = this.subscribers.get(path);
    if (!subscriber) return;
    this.subscribers.delete(path);
    const dropped = this.socket.discard(path);
    this.emit('gone', path, { reason, missed: subscriber.missed, dropped });
  }

  close() {
    this.requests.close();
    this.socket.close();
  }
}

module.exports = { Publisher };
