'use strict';
// What both socket classes share: the JS half of src/endpoint.rs. A core is the object the binary calls; the public
// object only holds it. Events come from the binary one callback scope each; callbacks of sends run on later ticks.

const { AsyncResource } = require('async_hooks');
const { constants } = require('os');
const { acquire, release, STAGE_MESSAGE } = require('./cork');
const environment = require('./environment');
const { aborted, socketClosed } = require('./errors');
const { runTicks } = require('./ticks');
const validate = require('./validate');

const EMPTY = Buffer.alloc(0);
/** The clock is looked at after every eighth message of a run. */
const LOOK = 7;
const { now } = Date;
/** Callbacks of immediate sends in a row before the event loop gets a turn. */
const MAX_TICKS = 1000;

/** Kinds of events, as src/watched.rs lists them. */
const Event = Object.freeze({
  END: 1,
  ERROR: 2,
  CLOSE: 3,
  SENT: 4,
  DRAINED: 5,
  SHUTDOWN: 6,
  PEER_ENDED: 7,
  RETRY: 8,
  CONNECTION: 9,
});

/**
 * @param {number} errno positive
 * @param {string} syscall
 * @param {Uint8Array} [path]
 * @returns {import('../index').SystemError}
 */
function systemError(errno, syscall, path) {
  return environment.get().systemError(errno, syscall, path);
}

/** @param {Uint8Array} bytes @returns {string} */
function nameOf(bytes) {
  return bytes.length === 0 ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
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

class Core {
  /**
   * @param {any} emitter the public object
   * @param {{ dgram: boolean, name: string, closedMessage: string }} kind
   * @param {ReturnType<typeof validate.socketOptions>} options
   */
  constructor(emitter, kind, options) {
    this.emitter = emitter;
    this.kind = kind;
    this.dgram = kind.dgram;
    this.highWaterMark = options.highWaterMark;
    this.paused = options.paused;
    this.dataListened = false;
    this.reading = false;
    /** Messages may be asked for: connected, or datagram. */
    this.readable = kind.dgram || options.fd >= 0;
    this.peerEnded = false;
    this.closed = false;
    this.closeEmitted = false;
    /** @type {(() => void) | undefined} the server's account of its connections */
    this.onClosed = undefined;
    /** @type {Map<number, any> | undefined} callbacks of messages that wait, by id */
    this.pending = undefined;
    /** @type {Map<number, Map<number, any>> | undefined} the same by destination: there they run in order */
    this.lanes = undefined;
    this.lastId = 0;
    this.needDrain = false;
    /** Bytes in the binary's queue when a cork was last flushed. */
    this.queuedBytes = 0;
    this.corks = 0;
    /** @type {any} */
    this.stage = undefined;
    this.ticks = 0;
    this.deferred = 0;
    this.path = '';
    this.rawPath = EMPTY;
    /** @type {Error | undefined} of destroy(err), not yet emitted */
    this.lastError = undefined;
    this.signal = options.signal;
    /** @type {any} */
    this.onAbort = undefined;
    this.send = environment.raw().send;
    /** The async context of the socket's events. */
    this.resource = new AsyncResource(kind.name, { requireManualDestroy: true });
    this.handle = new environment.binding.Handle(
      environment.get(),
      this,
      kind.dgram,
      options.fd,
      options.readSize,
      options.maxQueued,
      options.receiveFds,
      options.receiveCredentials,
    );
    this.id = this.handle.id;
    if (options.signal) this.listenToSignal(options.signal);
  }

  /** Throws where the socket is closed. */
  check() {
    if (this.closed) throw socketClosed(this.kind.closedMessage);
  }

  /** The handle, where the socket is open. */
  open() {
    this.check();
    return this.handle;
  }

  // --- receiving

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
    const data = length === 0 ? Buffer.alloc(0) : length === memory.length ? memory : memory.subarray(offset, offset + length);
    const { emitter } = this;
    let told;
    if (this.dgram) {
      if (sender !== undefined) {
        this.rawPath = sender;
        this.path = nameOf(sender);
      }
      const { rawPath } = this;
      const info = { size: length, truncated: false, fds: /** @type {number[]} */ ([]), credentials: null, rawPath };
      if (size !== undefined) complement(info, size, truncated, fds, fdsTruncated, identity);
      told = this.resource.runInAsyncScope(emitter.emit, emitter, 'data', data, this.path, info);
    } else {
      const info = { size: length, truncated: false, fds: /** @type {number[]} */ ([]), credentials: null };
      if (size !== undefined) complement(info, size, truncated, fds, fdsTruncated, identity);
      told = this.resource.runInAsyncScope(emitter.emit, emitter, 'data', data, info);
    }
    // Only where nobody listened: an emit() of the user's own may answer anything.
    return told === false && emitter.listenerCount('data') === 0 ? this.refuse() : false;
  }

  /**
   * A run of plain messages in one slab. Says in `places` how many were delivered; true refuses the next.
   * @param {any} memory
   * @param {number} count
   * @param {Uint32Array} places
   */
  onRun(memory, count, places) {
    const started = now();
    let delivered = 0;
    try {
      for (;;) {
        const at = 1 + 2 * delivered++;
        if (this.onData(memory, places[at], places[at + 1])) {
          delivered--;
          return true;
        }
        // The last one's ticks run when the upcall ends.
        if (delivered === count || this.closed) return false;
        runTicks();
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
      this.handle.setReading(true);
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
    if (!this.closed) this.handle.setReading(false);
  }

  resume() {
    this.paused = false;
    this.flow();
    if (this.peerEnded) this.discardUnread();
  }

  // --- sending

  /** @returns {number} */
  nextId() {
    this.lastId = this.lastId === 0x7fffffff ? 1 : this.lastId + 1;
    return this.lastId;
  }

  /**
   * @param {any} view
   * @param {number} offset
   * @param {number} length
   * @param {any} cb
   * @param {number} slot number of the destination, 0 for the connected peer
   * @returns {boolean}
   */
  write(view, offset, length, cb, slot) {
    if (this.corks > 0) return this.collect(view, offset, length, cb, slot);
    const id = cb === undefined ? 0 : this.nextId();
    const answer = this.send(this.id, view, offset, length, id, slot, 0);
    if (answer === 0) {
      if (cb !== undefined) this.settle(cb, null);
      return true;
    }
    return this.answered(answer, id, cb, slot);
  }

  /**
   * @param {any[]} parts
   * @param {number[]} fds
   * @param {any} cb
   * @param {number} slot
   * @returns {boolean}
   */
  writeParts(parts, fds, cb, slot) {
    const id = cb === undefined ? 0 : this.nextId();
    if (this.corks > 0) this.flushStage(true);
    const answer = this.handle.sendParts(parts, fds, id, slot, this.corks > 0);
    return this.answered(answer, id, cb, slot);
  }

  /**
   * @param {number} answer see src/endpoint/transmit.rs
   * @param {number} id
   * @param {any} cb
   * @param {number} slot
   * @returns {boolean}
   */
  answered(answer, id, cb, slot) {
    if (answer < 0) {
      this.fail(id, cb, this.sendError(-answer, slot), slot);
      return !this.needDrain;
    }
    if (answer === 0) {
      if (cb !== undefined) this.settle(cb, null);
      return true;
    }
    if (cb !== undefined) this.wait(id, cb, slot);
    return this.hasRoom(answer - 1);
  }

  /** @param {number} errno @param {number} slot @returns {Error} */
  sendError(errno, slot) {
    // The binary has closed the socket; its event is on the way.
    if (errno === constants.errno.EBADF) return socketClosed(this.kind.closedMessage);
    return slot === 0 ? systemError(errno, 'send') : systemError(errno, 'sendto', this.handle.destinationName(slot));
  }

  /** @param {number} queued bytes @returns {boolean} */
  hasRoom(queued) {
    if (queued < this.highWaterMark) return true;
    this.needDrain = true;
    return false;
  }

  /**
   * Keeps a callback until its message is sent, with the async context of the caller.
   * @param {number} id
   * @param {any} cb
   * @param {number} slot
   */
  wait(id, cb, slot) {
    if (this.pending === undefined || this.lanes === undefined) {
      this.pending = new Map();
      this.lanes = new Map();
    }
    let lane = this.lanes.get(slot);
    if (lane === undefined) {
      lane = new Map();
      this.lanes.set(slot, lane);
    }
    const resource = new AsyncResource('UNIXSOCKETSEND', { requireManualDestroy: true });
    const entry = { id, cb, slot, lane, resource, error: undefined };
    this.pending.set(id, entry);
    lane.set(id, entry);
  }

  /**
   * A message failed. Whoever can be told is told, in its turn; an error nobody would hear of is an 'error' event.
   * @param {number} id
   * @param {any} cb
   * @param {Error} err
   * @param {number} slot
   */
  fail(id, cb, err, slot) {
    if (cb === undefined || !this.takesError(cb)) {
      this.emitErrorLater(err);
    } else if (this.lanes !== undefined && this.lanes.has(slot)) {
      this.wait(id, cb, slot);
      this.complete(id, err);
    } else {
      this.settle(cb, err);
    }
  }

  /** @param {Error} err */
  emitErrorLater(err) {
    process.nextTick(() => {
      if (!this.closed) this.emitter.emit('error', err);
    });
  }

  /** A callback of a seqpacket socket that declares no parameter is 0.2.7's NotifyCb. @param {any} cb */
  takesError(cb) {
    return this.dgram || cb.length > 0;
  }

  /**
   * Runs a callback on a later tick; now and then on a later turn of the loop, with those after it.
   * @param {any} cb
   * @param {Error | null} err
   */
  settle(cb, err) {
    if (this.deferred === 0 && ++this.ticks < MAX_TICKS) {
      if (this.takesError(cb)) process.nextTick(cb, err);
      else if (err === null) process.nextTick(cb);
      return;
    }
    this.ticks = 0;
    this.deferred++;
    setImmediate(() => {
      this.deferred--;
      if (this.takesError(cb)) cb(err);
      else if (err === null) cb();
    });
  }

  /** @param {number} id 0 where there is no callback @param {Error | null} err */
  complete(id, err) {
    const entry = this.pending && this.pending.get(id);
    if (entry === undefined) {
      if (err !== null) this.emitErrorLater(err);
      return;
    }
    entry.error = err;
    for (const next of entry.lane.values()) {
      if (next.error === undefined) break;
      this.release(next);
    }
  }

  /** @param {any} entry */
  release(entry) {
    const { id, cb, slot, lane, resource, error } = entry;
    /** @type {Map<number, any>} */ (this.pending).delete(id);
    lane.delete(id);
    if (lane.size === 0) /** @type {Map<number, any>} */ (this.lanes).delete(slot);
    resource.runInAsyncScope(() => {
      if (error === null || this.takesError(cb)) this.settle(cb, error);
      else this.emitErrorLater(error);
    });
    resource.emitDestroy();
  }

  // --- cork

  cork() {
    if (this.corks++ === 0) process.nextTick(() => this.uncorkAll());
  }

  uncork() {
    if (this.corks > 0 && --this.corks === 0) this.flushCorked();
  }

  uncorkAll() {
    if (this.corks > 0 && !this.closed) {
      this.corks = 0;
      this.flushCorked();
    }
  }

  flushCorked() {
    this.flushStage(false);
    if (!this.closed) this.handle.uncork();
  }

  /**
   * @param {any} view
   * @param {number} offset
   * @param {number} length
   * @param {any} cb
   * @param {number} slot
   * @returns {boolean}
   */
  collect(view, offset, length, cb, slot) {
    const id = cb === undefined ? 0 : this.nextId();
    if (slot !== 0 || length > STAGE_MESSAGE) {
      this.flushStage(true);
      return this.answered(this.send(this.id, view, offset, length, id, slot, 1), id, cb, slot);
    }
    if (this.stage !== undefined && !this.stage.hasRoom(length)) this.flushStage(false);
    if (this.stage === undefined) this.stage = acquire();
    const { stage } = this;
    stage.add(view, offset, length, id);
    if (cb !== undefined) {
      this.wait(id, cb, 0);
      stage.ids.push(stage.count - 1, id);
    }
    return this.hasRoom(this.queuedBytes + stage.bytes);
  }

  /** @param {boolean} hold only queue the messages: others follow before uncork */
  flushStage(hold) {
    const { stage } = this;
    if (stage === undefined) return;
    this.stage = undefined;
    const sent = environment.raw().sendStaged(this.id, stage.memory, stage.meta, stage.count, hold ? 1 : 0);
    const { ids, count } = stage;
    for (let i = 0; i < ids.length; i += 2) if (ids[i] < sent) this.complete(ids[i + 1], null);
    this.queuedBytes = sent === count ? 0 : this.handle.queued;
    release(stage);
    if (sent === count && this.needDrain) {
      // From the loop, so that a writer driven by 'drain' leaves others their turn.
      setImmediate(() => this.drained());
    }
  }

  // --- state

  get writableLength() {
    if (this.closed) return 0;
    return this.handle.queued + (this.stage === undefined ? 0 : this.stage.bytes);
  }

  drained() {
    this.queuedBytes = 0;
    if (!this.needDrain || this.closed || this.writableLength >= this.highWaterMark) return;
    this.needDrain = false;
    this.emitter.emit('drain');
  }

  /**
   * @param {number} kind
   * @param {any} detail
   */
  onEvent(kind, detail) {
    switch (kind) {
      case Event.SENT:
        for (let i = 0; i < detail.length; i += 2) this.complete(detail[i], detail[i + 1] || null);
        break;
      case Event.DRAINED:
        this.drained();
        break;
      case Event.ERROR:
        this.emitter.emit('error', detail);
        break;
      case Event.RETRY:
        // The socket itself keeps the process alive.
        setTimeout(() => {
          if (!this.closed) this.handle.retry();
        }, detail).unref();
        break;
      case Event.CLOSE:
        this.emitClose();
        break;
    }
  }

  /** @param {any} signal */
  listenToSignal(signal) {
    this.onAbort = () => {
      this.destroy(aborted(signal.reason));
    };
    if (signal.aborted) process.nextTick(this.onAbort);
    else signal.addEventListener('abort', this.onAbort, { once: true });
  }

  /** Closes at once. Callbacks of messages that wait get ERR_SOCKET_CLOSED; 'close' comes later. */
  close() {
    if (this.closed) return;
    this.closed = true;
    this.reading = false;
    if (this.signal && this.signal.removeEventListener) this.signal.removeEventListener('abort', this.onAbort);
    const told = this.handle.close();
    this.failPending();
    if (!told) setImmediate(() => this.resource.runInAsyncScope(this.emitClose, this));
  }

  /** @param {Error} [err] told as 'error', before 'close' */
  destroy(err) {
    if (this.closed) return;
    this.close();
    if (err === undefined || err === null) return;
    this.lastError = err;
    process.nextTick(() => this.emitLastError());
  }

  /** Before 'close', whichever tick comes first. */
  emitLastError() {
    const err = this.lastError;
    this.lastError = undefined;
    if (err !== undefined) this.emitter.emit('error', err);
  }

  failPending() {
    const err = socketClosed(this.kind.closedMessage);
    const { stage } = this;
    if (this.pending !== undefined) {
      for (const entry of Array.from(this.pending.values())) {
        if (entry.error === undefined) entry.error = err;
        this.release(entry);
      }
    }
    if (stage !== undefined) {
      this.stage = undefined;
      release(stage);
    }
  }

  emitClose() {
    this.close();
    if (this.closeEmitted) return;
    this.closeEmitted = true;
    setImmediate(() => this.resource.emitDestroy());
    if (this.onClosed !== undefined) this.onClosed();
    if (this.lastError !== undefined) {
      // A listener that throws costs no 'close'.
      process.nextTick(() => this.emitter.emit('close'));
      this.emitLastError();
      return;
    }
    this.emitter.emit('close');
  }
}

module.exports = { Core, Event, nameOf, systemError };
