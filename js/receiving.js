'use strict';
// The receiving half of a socket's core: messages one by one or in runs, and when they are asked for.

const { AsyncResource } = require('async_hooks');
const environment = require('./environment');
const { nameOf } = require('./events');
const { Sending } = require('./sending');
const { runTicks } = require('./ticks');

const EMPTY = Buffer.alloc(0);
/** What Buffer#subarray makes, at half its cost: new View(arrayBuffer, offset, length). @type {any} */
const View = viewClass();
/** The clock is looked at after every eighth message of a run. */
const LOOK = 7;
const { now } = Date;

/** Listeners that hand on the bytes of a message, and nothing else of it. @type {WeakSet<Function>} */
const bytesOnly = new WeakSet();

/** @returns {any} a class whose instances are Buffers and nothing else */
function viewClass() {
  const species = /** @type {any} */ (Buffer)[Symbol.species];
  if (typeof species === 'function' && species !== Buffer && species.prototype === Buffer.prototype) return species;
  /** @param {ArrayBuffer} memory @param {number} offset @param {number} length */
  return function view(memory, offset, length) {
    return Buffer.from(memory, offset, length);
  };
}

/**
 * What is not plain about a message.
 * @param {any} info
 * @param {number} size
 * @param {any} truncated
 * @param {any} fds
 * @param {any} fdsTruncated
 * @param {any} identity
 */
function complement(info, size, truncated, fds, fdsTruncated, identity) {
  info.size = size;
  info.truncated = truncated;
  info.fds = fds;
  if (identity !== undefined) info.credentials = { pid: identity[0], uid: identity[1], gid: identity[2] };
  if (fdsTruncated) info.fdsTruncated = true;
}

/** Between two messages of a run. False where one of the ticks threw: the rest of them run when the upcall ends. */
function ticksRan() {
  try {
    /** @type {() => void} */ (runTicks)();
    return true;
  } catch (err) {
    // Not by leaving the upcall: the tick's place on the stack of async contexts would be found there, and abort.
    environment.get().uncaught(err);
    return false;
  }
}

class Receiving extends Sending {
  /**
   * @param {any} emitter the public object
   * @param {{ dgram: boolean, name: string, closedMessage: string }} kind
   * @param {{ highWaterMark: number, paused: boolean, fd: number }} options
   */
  constructor(emitter, kind, options) {
    super(emitter, kind, options.highWaterMark);
    this.paused = options.paused;
    this.dataListened = false;
    this.reading = false;
    /** Messages may be asked for: connected, or datagram. */
    this.readable = kind.dgram || options.fd >= 0;
    this.peerEnded = false;
    /** The async context of the socket's events. */
    this.resource = new AsyncResource(kind.name, { requireManualDestroy: true });
  }

  /**
   * One message. True refuses it: it is kept, with all behind it, until reading starts again.
   * @param {any} memory
   * @param {number} offset
   * @param {number} length
   * @param {number} [size]
   * @param {boolean} [truncated]
   * @param {number[]} [fds]
   * @param {boolean} [fdsTruncated]
   * @param {number[]} [identity]
   * @param {Buffer} [sender]
   * @returns {boolean}
   */
  onData(memory, offset, length, size, truncated, fds, fdsTruncated, identity, sender) {
    if (this.paused) return this.refuse();
    const data =
      length === 0 ? Buffer.alloc(0) : length === memory.length ? memory : new View(memory.buffer, offset, length);
    return this.emitData(data, length, size, truncated, fds, fdsTruncated, identity, sender);
  }

  /**
   * @param {Buffer} data
   * @param {number} length
   * @param {number} [size]
   * @param {boolean} [truncated]
   * @param {number[]} [fds]
   * @param {boolean} [fdsTruncated]
   * @param {number[]} [identity]
   * @param {Buffer} [sender]
   * @returns {boolean} as onData
   */
  emitData(data, length, size, truncated, fds, fdsTruncated, identity, sender) {
    const { emitter } = this;
    let told;
    if (this.kind.dgram) {
      if (sender !== undefined) {
        this.rawPath = sender;
        this.path = nameOf(sender);
      }
      const { rawPath } = this;
      const info = { size: length, truncated: false, fds: /** @type {number[]} */ ([]), credentials: null, rawPath };
      if (size !== undefined) complement(info, size, truncated, this.claim(fds), fdsTruncated, identity);
      told = this.resource.runInAsyncScope(emitter.emit, emitter, 'data', data, this.path, info);
    } else {
      const info = { size: length, truncated: false, fds: /** @type {number[]} */ ([]), credentials: null };
      if (size !== undefined) complement(info, size, truncated, this.claim(fds), fdsTruncated, identity);
      told = this.resource.runInAsyncScope(emitter.emit, emitter, 'data', data, info);
    }
    // Only where nobody listened: an emit() of the user's own may answer anything.
    return told === false && emitter.listenerCount('data') === 0 ? this.refuse() : false;
  }

  /**
   * The descriptors of a message, for its listeners. Where they all hand on the bytes alone, the descriptors would be
   * nobody's: they are closed.
   * @param {any} fds
   * @returns {number[]}
   */
  claim(fds) {
    if (fds.length === 0) return fds;
    environment.takeDescriptors();
    const listeners = this.emitter.listeners('data');
    if (listeners.length === 0 || !listeners.every((/** @type {any} */ listener) => bytesOnly.has(listener)))
      return fds;
    for (const fd of fds) this.native.closeFd(fd);
    return [];
  }

  /**
   * A run of plain messages in one slab. Says in `places` how many were delivered; true refuses the next.
   * @param {any} memory
   * @param {number} count
   * @param {Uint32Array} places
   */
  onRun(memory, count, places) {
    const started = now();
    const { buffer } = memory;
    let delivered = 0;
    try {
      for (;;) {
        const at = 1 + 2 * delivered++;
        const length = places[at + 1];
        if (this.paused ? this.refuse() : this.emitData(new View(buffer, places[at], length), length)) {
          delivered--;
          return true;
        }
        // The last one's ticks run when the upcall ends.
        if (delivered === count || this.closed) return false;
        if (!ticksRan()) return false;
        if (this.closed || ((delivered & LOOK) === 0 && now() - started >= 1)) return false;
      }
    } finally {
      places[0] = delivered;
    }
  }

  refuse() {
    this.reading = false;
    return true;
  }

  /** Asks for messages where somebody wants them. */
  flow() {
    if (!this.reading && this.readable && !this.paused && !this.closed && this.emitter.listenerCount('data') > 0) {
      this.reading = true;
      this.native.setReading(this.id, true);
    }
  }

  /** @param {string | symbol} type */
  listenerAdded(type) {
    if (type === 'data') {
      this.dataListened = true;
      this.flow();
    } else if (this.peerEnded && (type === 'end' || type === 'close' || type === 'error')) {
      process.nextTick(() => this.discardUnread());
    }
  }

  /** Only a connection has a peer that ends. */
  discardUnread() {}

  pause() {
    if (this.paused) return;
    this.paused = true;
    this.reading = false;
    if (!this.closed) this.native.setReading(this.id, false);
  }

  resume() {
    this.paused = false;
    this.flow();
    if (this.peerEnded) this.discardUnread();
  }
}

// As in sending.js.
Object.assign(Receiving.prototype, {
  /** The sender of the last datagram. */
  path: '',
  rawPath: EMPTY,
});

module.exports = { Receiving, bytesOnly };
