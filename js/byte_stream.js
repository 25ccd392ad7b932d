'use strict';
// The stream of toDuplex({ bytes: true }): chunks of any length over messages, and those members of net.Socket that http,
// http2, tls and ws use. toDuplex() loads this module, because most programs need no byte stream.

const { Duplex } = require('stream');
const { invalidType, outOfRange } = require('./errors');
const { clearTimeout, setTimeout } = require('./timers');
const validate = require('./validate');

/** Bytes of the longest message that a byte stream sends. Its `readBufferSize` is not less, so two byte streams fit. */
const MAX_MESSAGE = 65536;
/** A message of this length fits into any SO_SNDBUF: the kernel allows no SO_SNDBUF below 4,608 bytes. */
const ALWAYS_FITS = 2048;

class ByteStream extends Duplex {
  /** @param {any} socket @param {import('stream').DuplexOptions} options */
  constructor(socket, options) {
    // autoDestroy is the default since Node.js 14.
    super(Object.assign({ autoDestroy: true, highWaterMark: MAX_MESSAGE }, options));
    this._socket = socket;
    /** @type {any} */
    this._idleTimer = undefined;
    /** The first argument of setTimeout(). */
    this.timeout = 0;
    if (socket.getInternalReadBufferSize() < MAX_MESSAGE) socket.setInternalReadBufferSize(MAX_MESSAGE);
    socket.once('connect', () => this.emit('connect'));
    this.once('close', () => clearTimeout(this._idleTimer));
  }

  /** @param {Buffer} chunk @param {string} _encoding @param {(err?: any) => void} callback */
  _write(chunk, _encoding, callback) {
    this._sendAll([chunk], callback);
  }

  /** @param {Array<{ chunk: Buffer }>} items @param {(err?: any) => void} callback */
  _writev(items, callback) {
    this._sendAll(
      items.map(({ chunk }) => chunk),
      callback,
    );
  }

  /** Sends one message after the other, each when the one before it is sent. @param {Buffer[]} chunks @param {any} callback */
  _sendAll(chunks, callback) {
    const messages = cut(chunks, this._socket);
    const sendNext = (/** @type {Error | null} */ err) => {
      this._refreshTimeout();
      try {
        const next = err ? undefined : messages.next();
        if (next !== undefined && !next.done) {
          this._socket.write(next.value, sendNext);
          return;
        }
      } catch (error) {
        callback(error);
        return;
      }
      callback(err);
    };
    sendNext(null);
  }

  /** @param {any} chunk @param {BufferEncoding} [encoding] */
  push(chunk, encoding) {
    this._refreshTimeout();
    const wantsMore = super.push(chunk, encoding);
    // A stream that is only written to ends as well, because read() emits 'end' if nothing is left to read.
    if (chunk === null) this.read(0);
    return wantsMore;
  }

  get connecting() {
    return this._socket.connecting;
  }

  /**
   * Emits 'timeout' when no bytes were sent or received for `ms` milliseconds.
   * @param {number} ms
   * @param {() => void} [cb]
   */
  setTimeout(ms, cb) {
    const callback = validate.callback(cb);
    if (typeof ms !== 'number') throw invalidType('msecs', 'of type number', ms);
    if (!(ms >= 0 && ms < Infinity)) throw outOfRange('msecs', 'a non-negative finite number', ms);
    clearTimeout(this._idleTimer);
    this._idleTimer = undefined;
    if (this.destroyed) return this;
    this.timeout = ms;
    if (ms > 0) {
      this._idleTimer = setTimeout(() => {
        if (!this.destroyed) this.emit('timeout');
      }, ms);
      this._idleTimer.unref();
      if (callback !== undefined) this.once('timeout', callback);
    } else if (callback !== undefined) {
      this.removeListener('timeout', callback);
    }
    return this;
  }

  _refreshTimeout() {
    if (this._idleTimer !== undefined) this._idleTimer.refresh();
  }

  /** Ends the write side, and destroys the stream when everything is sent. */
  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** A unix socket has no Nagle algorithm. */
  setNoDelay() {
    return this;
  }

  /** A unix socket needs no probes. */
  setKeepAlive() {
    return this;
  }

  ref() {
    this._socket.ref();
    return this;
  }

  unref() {
    this._socket.unref();
    return this;
  }
}

/**
 * Joins and cuts chunks into messages, each an array of parts.
 * @param {Buffer[]} chunks
 * @param {any} socket
 * @returns {Generator<Buffer[], void>}
 */
function* cut(chunks, socket) {
  const total = chunks.reduce((sum, { length }) => sum + length, 0);
  // At most half of SO_SNDBUF, so that a message can be sent while the peer has not read the previous one.
  const longest = total <= ALWAYS_FITS ? ALWAYS_FITS : Math.min(MAX_MESSAGE, socket.getSendBufferSize() >> 1);
  /** @type {Buffer[]} */
  let parts = [];
  let room = longest;
  for (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; ) {
      const part = chunk.subarray(offset, offset + room);
      parts.push(part);
      offset += part.length;
      room -= part.length;
      if (room === 0) {
        yield parts;
        parts = [];
        room = longest;
      }
    }
  }
  if (parts.length > 0) yield parts;
}

module.exports = { ByteStream };
