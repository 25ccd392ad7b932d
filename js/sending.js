'use strict';
// The sending half of a socket's core: what the binary answers, callbacks in their turn, cork.

const { AsyncResource } = require('async_hooks');
const { constants } = require('os');
const { acquire, bytesOf, release, STAGE_MESSAGE } = require('./cork');
const environment = require('./environment');
const { socketClosed } = require('./errors');
const { systemError } = require('./events');

/** Callbacks of immediate sends in a row before the event loop gets a turn. */
const MAX_TICKS = 1000;
const MANUAL = { requireManualDestroy: true };
/** To collect a message of this size costs more than a system call of its own. */
const LARGE = 32768;

class Sending {
  /**
   * @param {any} emitter the public object
   * @param {{ dgram: boolean, name: string, closedMessage: string }} kind
   * @param {number} highWaterMark
   */
  constructor(emitter, kind, highWaterMark) {
    this.emitter = emitter;
    this.kind = kind;
    this.closed = false;
    this.id = -1;
    this.highWaterMark = highWaterMark;
    this.needDrain = false;
    /** @type {Map<number, any> | undefined} callbacks of messages that wait, by id */
    this.pending = undefined;
    this.lastId = 0;
    this.corks = 0;
    /** @type {any} messages collected since cork() */
    this.stage = undefined;
    this.ticks = 0;
    this.deferred = 0;
  }

  /** The binary, which knows the socket by its number. @returns {any} */
  get native() {
    return environment.get();
  }

  /** @returns {number} */
  nextId() {
    do {
      if (this.lastId === 0x7fffffff) {
        this.lastId = 0;
        this.wrapped = true;
      }
      this.lastId++;
      // One that waits since the last time round keeps its number.
    } while (this.wrapped && this.pending !== undefined && this.pending.has(this.lastId));
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
    const answer = environment.raw().send(this.id, view, offset, length, id, slot, 0);
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
    const answer = this.native.sendParts(this.id, parts, fds, id, slot, this.corks > 0);
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
    return slot === 0
      ? systemError(errno, 'send')
      : systemError(errno, 'sendto', this.native.destinationName(this.id, slot));
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
    const resource = new AsyncResource('UNIXSOCKETSEND', MANUAL);
    /** @type {any} */
    const entry = { id, cb, lane: undefined, next: undefined, resource, error: undefined };
    entry.lane = this.lanes.get(slot);
    if (entry.lane === undefined) {
      entry.lane = { slot, first: entry, last: entry };
      this.lanes.set(slot, entry.lane);
    } else {
      entry.lane.last.next = entry;
      entry.lane.last = entry;
    }
    this.pending.set(id, entry);
  }

  /**
   * A message failed. Whoever can be told is told, in its turn; an error nobody would hear of is an 'error' event.
   * @param {number} id
   * @param {any} cb
   * @param {Error} err
   * @param {number} slot
   */
  fail(id, cb, err, slot) {
    environment.diagnostics().dropped(this, err);
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
    if (this.kind.dgram) return true;
    try {
      return cb.length > 0;
    } catch (_err) {
      return true; // a getter that throws, in the middle of the accounts of others
    }
  }

  /**
   * Runs a callback on a later tick; now and then on a later turn of the loop, with those after it.
   * @param {any} cb
   * @param {Error | null} err
   */
  settle(cb, err) {
    if (this.deferred === 0 && ++this.ticks < MAX_TICKS) {
      if (err === null || this.takesError(cb)) process.nextTick(cb, err);
      return;
    }
    this.ticks = 0;
    this.deferred++;
    setImmediate(() => {
      this.deferred--;
      if (err === null || this.takesError(cb)) cb(err);
    });
  }

  /**
   * A message was sent, and if it went to the connected peer then so were all before it that were not told to have
   * failed; or it failed.
   * @param {number} id 0 where there is no callback
   * @param {Error | null} err
   */
  complete(id, err) {
    const entry = this.pending && this.pending.get(id);
    if (entry === undefined) {
      if (err !== null) this.emitErrorLater(err);
      return;
    }
    if (err === null && entry.lane.slot === 0) {
      for (let each = entry.lane.first; each !== entry.next; each = each.next) {
        if (each.error === undefined) each.error = null;
      }
    } else {
      entry.error = err;
    }
    const { lane } = entry;
    while (lane.first !== undefined && lane.first.error !== undefined) this.release(lane.first);
  }

  /** @param {any} entry the first of its lane */
  release(entry) {
    const { id, cb, lane, next, resource, error } = entry;
    /** @type {Map<number, any>} */ (this.pending).delete(id);
    lane.first = next;
    if (next === undefined) /** @type {Map<number, any>} */ (this.lanes).delete(lane.slot);
    resource.runInAsyncScope(this.settleLate, this, cb, error);
    resource.emitDestroy();
  }

  /** @param {any} cb @param {Error | null} err */
  settleLate(cb, err) {
    if (err === null || this.takesError(cb)) this.settle(cb, err);
    else this.emitErrorLater(err);
  }

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
    if (!this.closed) this.native.uncork(this.id);
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
    // Before the stage is looked at: a view's own getters may do anything, close the socket for example.
    const bytes = bytesOf(view, offset, length);
    if (this.closed) return this.answered(-constants.errno.EBADF, id, cb, slot);
    if (slot !== 0 || length > STAGE_MESSAGE) {
      const hold = length < LARGE;
      this.flushStage(hold);
      if (!hold) this.native.uncork(this.id);
      return this.answered(environment.raw().send(this.id, view, offset, length, id, slot, hold ? 1 : 0), id, cb, slot);
    }
    if (this.stage !== undefined && !this.stage.hasRoom(length)) this.flushStage(false);
    if (this.stage === undefined) this.stage = acquire();
    const { stage } = this;
    stage.add(bytes, length, id);
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
    let last = ids.length - 2;
    while (last >= 0 && ids[last] >= sent) last -= 2;
    if (last >= 0) this.complete(ids[last + 1], null);
    this.queuedBytes = sent === count ? 0 : this.native.queued(this.id);
    release(stage);
    if (sent === count && this.needDrain) {
      // From the loop, so that a writer driven by 'drain' leaves others their turn.
      setImmediate(() => this.drained());
    }
  }

  get writableLength() {
    if (this.closed) return 0;
    return this.native.queued(this.id) + (this.stage === undefined ? 0 : this.stage.bytes);
  }

  drained() {
    this.queuedBytes = 0;
    if (!this.needDrain || this.closed || this.writableLength >= this.highWaterMark) return;
    this.needDrain = false;
    this.emitter.emit('drain');
  }

  /** Callbacks of messages that wait hear that the socket closed. */
  failPending() {
    const { stage } = this;
    if (this.pending !== undefined && this.pending.size > 0) {
      const err = socketClosed(this.kind.closedMessage);
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
}

// What idle sockets have in common: thousands of them are the smaller for it.
Object.assign(Sending.prototype, {
  /** @type {Map<number, { slot: number, first: any, last: any }> | undefined} `pending` by destination: there they run in order */
  lanes: undefined,
  /** All ids were given once. */
  wrapped: false,
  /** Bytes in the binary's queue when a cork was last flushed. */
  queuedBytes: 0,
});

module.exports = { Sending };
