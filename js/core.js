'use strict';
// What both socket classes share: the JS half of src/endpoint.rs. A core is the object the binary calls; the public
// object only holds it. Events come from the binary one callback scope each; callbacks of sends run on later ticks.

const environment = require('./environment');
const { aborted, socketClosed } = require('./errors');
const { Event } = require('./events');
const { Receiving } = require('./receiving');

class Core extends Receiving {
  /**
   * @param {any} emitter the public object
   * @param {{ dgram: boolean, name: string, closedMessage: string }} kind
   * @param {ReturnType<typeof import('./validate').socketOptions>} options
   */
  constructor(emitter, kind, options) {
    super(emitter, kind, options);
    /** @type {any} the core of the server that accepted it */
    this.server = undefined;
    // First: it may throw, and nothing has been made yet.
    if (options.signal) this.listenToSignal(options.signal);
    try {
      this.id = this.native.createSocket(
        this,
        kind.dgram,
        options.fd,
        options.readSize,
        options.maxQueued,
        options.receiveFds,
        options.receiveCredentials,
      );
    } catch (err) {
      this.closed = true;
      this.forgetSignal();
      throw err;
    }
  }

  /** Throws where the socket is closed. */
  check() {
    if (this.closed) throw socketClosed(this.kind.closedMessage);
  }

  /** The number of the socket, where it is open. */
  open() {
    this.check();
    // The binary may have closed it already, and the event be on its way.
    if (this.native.fd(this.id) < 0) throw socketClosed(this.kind.closedMessage);
    return this.id;
  }

  /**
   * @param {number} kind
   * @param {any} detail
   */
  onEvent(kind, detail) {
    switch (kind) {
      case Event.SENT:
        for (let i = 0; i < detail.length; i += 2) this.complete(detail[i], detail[i + 1] || null);
        // Afterwards: a subscriber may close the socket.
        for (let i = 1; i < detail.length; i += 2) if (detail[i]) environment.diagnostics().dropped(this, detail[i]);
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
          if (!this.closed) this.native.retry(this.id);
        }, detail).unref();
        break;
      case Event.CLOSE:
        this.emitClose();
        break;
    }
  }

  /** @param {any} signal */
  listenToSignal(signal) {
    this.signal = signal;
    this.onAbort = () => {
      // Called at once by a signal of its own kind: there is no socket yet.
      if (this.id < 0 && !this.closed) process.nextTick(this.onAbort);
      else this.destroy(aborted(signal.reason));
    };
    if (signal.aborted) process.nextTick(this.onAbort);
    else signal.addEventListener('abort', this.onAbort, { once: true });
  }

  forgetSignal() {
    if (this.signal && this.signal.removeEventListener) this.signal.removeEventListener('abort', this.onAbort);
  }

  /** Closes at once. Callbacks of messages that wait get ERR_SOCKET_CLOSED; 'close' comes later. */
  close() {
    if (this.closed) return;
    const waits = environment.diagnostics().waits(this);
    this.closed = true;
    this.reading = false;
    const told = this.native.close(this.id);
    this.failPending();
    if (!told) setImmediate(() => this.resource.runInAsyncScope(this.emitClose, this));
    // What is not ours comes last: it finds the socket closed, and may throw.
    if (waits) environment.diagnostics().dropped(this, socketClosed(this.kind.closedMessage));
    this.forgetSignal();
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

  emitClose() {
    this.close();
    if (this.closeEmitted) return;
    this.closeEmitted = true;
    this.resource.emitDestroy();
    environment.diagnostics().closed(this);
    if (this.server !== undefined) this.server.connections--;
    if (this.lastError !== undefined) {
      // A listener that throws costs no 'close'.
      process.nextTick(() => this.emitter.emit('close'));
      this.emitLastError();
      return;
    }
    this.emitter.emit('close');
  }
}

// As in sending.js.
Object.assign(Core.prototype, {
  closeEmitted: false,
  /** Of destroy(err), not yet emitted. */
  lastError: undefined,
  signal: undefined,
  onAbort: undefined,
});

module.exports = { Core };
