'use strict';
// The core of a seqpacket connection: connect with a full backlog, the two halves of its end, and how it breaks.

const { AsyncResource } = require('async_hooks');
const { constants } = require('os');
const { Core } = require('./core');
const environment = require('./environment');
const { aborted, socketClosed } = require('./errors');
const { Event, systemError } = require('./events');

const { EAGAIN, EALREADY, ECONNRESET, EISCONN, EPIPE, ETIMEDOUT } = constants.errno;
const KIND = { dgram: false, name: 'SEQPACKETSOCKET', closedMessage: 'SeqpacketSocket has been destroyed' };
/** Pause between two tries to connect to a full backlog, in milliseconds: doubled up to the largest. */
const MAX_RETRY = 16;

/** What a connection has beside what every socket has: connect, and the two halves of its end. */
class ConnectionCore extends Core {
  /** @param {any} emitter @param {any} options */
  constructor(emitter, options) {
    super(emitter, KIND, options);
    this.connected = options.fd >= 0;
    this.connecting = false;
    /** 'end' was emitted. */
    this.ended = false;
  }

  /** @param {Uint8Array} path @param {number} timeout @param {any} cb @param {any} signal */
  connect(path, timeout, cb, signal) {
    if (this.connected) throw systemError(EISCONN, 'connect', path);
    if (this.connecting) throw systemError(EALREADY, 'connect', path);
    this.peerPath = path;
    try {
      const done = this.native.connect(this.id, path);
      if (!done && timeout === 0) throw systemError(EAGAIN, 'connect', path);
      this.connecting = true;
      if (signal !== undefined) this.watchSignal(signal);
      if (done) this.establish(cb);
      else this.retryConnect(1, Date.now() + timeout, cb);
    } catch (err) {
      this.connecting = false;
      this.close();
      throw err;
    }
  }

  /** @param {any} cb */
  establish(cb) {
    this.connected = true;
    environment.diagnostics().connected(this, /** @type {Uint8Array} */ (this.peerPath));
    process.nextTick(() => {
      if (this.closed) return;
      this.connectingDone();
      this.readable = true;
      this.flow();
      if (cb !== undefined) process.nextTick(cb);
      this.emitter.emit('connect');
    });
  }

  connectingDone() {
    this.connecting = false;
    clearTimeout(this.timer);
    if (this.stopConnecting !== undefined) this.stopConnecting();
  }

  /** A full backlog tells no event: only trying again helps. @param {number} delay @param {number} deadline @param {any} cb */
  retryConnect(delay, deadline, cb) {
    const left = deadline - Date.now();
    this.timer = setTimeout(
      () => {
        try {
          if (this.native.connect(this.id, this.peerPath)) this.establish(cb);
          else if (Date.now() >= deadline) this.destroy(systemError(ETIMEDOUT, 'connect', this.peerPath));
          else this.retryConnect(Math.min(2 * delay, MAX_RETRY), deadline, cb);
        } catch (err) {
          this.destroy(/** @type {Error} */ (err));
        }
      },
      Math.max(1, Math.min(delay + Math.random() * delay, left)),
    );
    // The socket itself keeps the process alive.
    this.timer.unref();
  }

  /** @param {any} signal */
  watchSignal(signal) {
    const onAbort = () => this.destroy(aborted(signal.reason));
    if (signal.aborted) process.nextTick(onAbort);
    else {
      signal.addEventListener('abort', onAbort, { once: true });
      this.stopConnecting = () => signal.removeEventListener('abort', onAbort);
    }
  }

  /** @param {number} kind @param {any} detail */
  onEvent(kind, detail) {
    switch (kind) {
      case Event.END:
        this.ended = true;
        this.emitter.emit('end');
        break;
      case Event.ERROR:
        this.broken(detail);
        break;
      case Event.SHUTDOWN:
        this.writeShut = true;
        this.settleEnd(null);
        this.emitter.emit('_shutdown');
        break;
      case Event.PEER_ENDED:
        this.peerEnded = true;
        this.discardUnread();
        break;
      default:
        super.onEvent(kind, detail);
    }
  }

  /**
   * The peer has ended and nobody reads. Where nothing is held, the end can be told; what is held is dropped for
   * 0.2.7's callers that never read, so that it can follow.
   */
  discardUnread() {
    const { emitter } = this;
    if (!this.peerEnded || this.reading || this.paused || this.closed || this.ended) return;
    const heard = emitter.listenerCount('end') > 0 || emitter.listenerCount('close') > 0;
    const rest = this.native.rest(this.id);
    const wait =
      rest === 0 ? this.dataListened || !heard : rest === 2 && !heard && emitter.listenerCount('error') === 0;
    if (wait) return;
    this.reading = true;
    this.native.discard(this.id);
  }

  /** The connection failed, after what arrived was delivered. @param {any} err */
  broken(err) {
    // Before anybody hears of it: a listener that throws leaves no open socket.
    const { bytesRead, bytesWritten } = this.emitter;
    this.close();
    if (err.errno === -ECONNRESET && this.peerPath !== undefined && bytesRead === 0 && bytesWritten === 0) {
      // The server closed before it accepted. libuv's word for it, which 0.2.7's callers look for, is EBADF.
      const refused = systemError(ECONNRESET, 'connect', this.peerPath);
      refused.message += ' (EBADF)';
      this.emitter.emit('error', refused);
      return;
    }
    this.emitter.emit('error', err);
  }

  /** @param {any} view @param {number} offset @param {number} length @param {any} cb @returns {boolean} */
  write(view, offset, length, cb) {
    if (this.ending) return this.writeAfterEnd(cb);
    return super.write(view, offset, length, cb, 0);
  }

  /** @param {any[]} parts @param {number[]} fds @param {any} cb @returns {boolean} */
  writeParts(parts, fds, cb) {
    if (this.ending) return this.writeAfterEnd(cb);
    return super.writeParts(parts, fds, cb, 0);
  }

  /** @param {any} cb */
  writeAfterEnd(cb) {
    this.fail(this.nextId(), cb, systemError(EPIPE, 'send'), 0);
    return false;
  }

  /** @param {any} cb */
  end(cb) {
    if (cb !== undefined) {
      if (this.writeShut) this.settle(cb, null);
      else {
        this.endCallbacks = this.endCallbacks || [];
        this.endCallbacks.push({ cb, resource: new AsyncResource('UNIXSOCKETEND') });
      }
    }
    if (this.ending) return;
    this.flushStage(true);
    this.ending = true;
    this.native.shutdown(this.id);
  }

  /** @param {Error | null} err */
  settleEnd(err) {
    const callbacks = this.endCallbacks || [];
    this.endCallbacks = undefined;
    for (const { cb, resource } of callbacks) resource.runInAsyncScope(this.settle, this, cb, err);
  }

  close() {
    if (this.closed) return;
    super.close();
    if (this.endCallbacks !== undefined) this.settleEnd(socketClosed(KIND.closedMessage));
    this.connectingDone();
  }
}

// As in core.js.
Object.assign(ConnectionCore.prototype, {
  peerPath: undefined,
  ending: false,
  writeShut: false,
  endCallbacks: undefined,
  timer: undefined,
  stopConnecting: undefined,
});

module.exports = { ConnectionCore };
