'use strict';
// SeqpacketServer: a SOCK_SEQPACKET listener.

const { AsyncResource } = require('async_hooks');
const { constants } = require('os');
const environment = require('./environment');
const { aborted, invalidValue, socketClosed, unavailable } = require('./errors');
const { Event, nameOf, systemError } = require('./events');
const { iterateConnections } = require('./iterate');
const { SeqpacketSocket } = require('./seqpacket_socket');
const { CoreEmitter, closeWith, coreOf, makeDisposable } = require('./socket_base');
const validate = require('./validate');

const DEFAULT_BACKLOG = 511;

/** The object the binary calls. */
class ServerCore {
  /** @param {any} emitter @param {number} maxConnections */
  constructor(emitter, maxConnections) {
    this.emitter = emitter;
    this.maxConnections = maxConnections;
    /** @type {any} */
    this.handle = undefined;
    /** The async context of the server's events. */
    this.resource = new AsyncResource('SEQPACKETSERVER', { requireManualDestroy: true });
    this.closed = false;
    this.closeEmitted = false;
    this.referenced = true;
    this.connections = 0;
    this.dropped = 0;
    /** @type {any} options of accepted sockets */
    this.socketOptions = undefined;
    /** @type {any} */
    this.stopListening = undefined;
  }

  check() {
    if (this.closed) throw socketClosed('SeqpacketServer has been closed');
  }

  /** @param {number} kind @param {any} detail @param {any} more */
  onEvent(kind, detail, more) {
    if (kind === Event.CONNECTION) this.accept(detail, more);
    else if (kind === Event.ERROR) this.emitter.emit('error', detail);
    else if (kind === Event.CLOSE) this.emitClose();
    else if (kind === Event.RETRY) {
      // The server itself keeps the process alive.
      setTimeout(() => {
        if (!this.closed) this.handle.retry();
      }, detail).unref();
    }
  }

  /** @param {number} fd @param {Uint8Array} name */
  accept(fd, name) {
    const full = this.connections >= this.maxConnections;
    if (full) this.dropped++;
    if (full || this.emitter.listenerCount('connection') === 0) {
      environment.get().closeFd(fd);
      environment.diagnostics().refused(this, full ? 'maxConnections is reached' : "nobody listens to 'connection'");
      return;
    }
    let socket;
    try {
      socket = new SeqpacketSocket(Object.assign({}, this.socketOptions, { fd }));
    } catch (err) {
      environment.get().closeFd(fd);
      this.emitter.emit('error', err);
      return;
    }
    this.connections++;
    const core = coreOf(socket);
    core.server = this;
    environment.diagnostics().connected(core, name, this.emitter);
    this.emitter.emit('connection', socket, nameOf(name));
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    if (this.stopListening !== undefined) this.stopListening();
    if (this.handle === undefined || !this.handle.close()) {
      setImmediate(() => this.resource.runInAsyncScope(this.emitClose, this));
    }
  }

  /** @param {any} signal */
  watchSignal(signal) {
    const onAbort = () => {
      if (this.closed) return;
      this.close();
      process.nextTick(() => this.emitter.emit('error', aborted(signal.reason)));
    };
    if (signal.aborted) process.nextTick(onAbort);
    else {
      signal.addEventListener('abort', onAbort, { once: true });
      this.stopListening = () => signal.removeEventListener('abort', onAbort);
    }
  }

  emitClose() {
    this.close();
    if (this.closeEmitted) return;
    this.closeEmitted = true;
    this.resource.emitDestroy();
    environment.diagnostics().closed(this);
    this.emitter.emit('close');
  }
}

/**
 * listen(path, backlog, cb), listen(path, cb), listen(options, cb)
 * @param {any} target
 * @param {any} backlog
 * @param {any} cb
 */
function listenArguments(target, backlog, cb) {
  const simple = typeof target !== 'object' || target === null || ArrayBuffer.isView(target);
  const options = simple ? { path: target, backlog: typeof backlog === 'function' ? undefined : backlog } : target;
  const second = simple ? cb : validate.either(backlog, cb);
  const fn = validate.callback(typeof backlog === 'function' ? backlog : second);
  const { path, fd, backlog: limit, socket, signal } = options;
  const bind = validate.bindOptions(options);
  if (path !== undefined && fd !== undefined) throw invalidValue('options', 'must have either path or fd, not both');
  const adopt = fd !== undefined;
  return {
    name: adopt ? undefined : validate.path(path),
    fd: adopt ? validate.integer(fd, 'options.fd', 0, validate.MAX_INT) : -1,
    backlog: validate.integer(validate.either(limit, DEFAULT_BACKLOG), 'backlog', 0, validate.MAX_INT),
    bind,
    socket: Object.assign({}, socket === undefined ? undefined : validate.object(socket, 'options.socket')),
    signal: validate.signal(signal, 'options.signal'),
    fn,
  };
}

class SeqpacketServer extends CoreEmitter {
  #core;

  /** @param {{ maxConnections?: number }} [options] */
  constructor(options) {
    const { maxConnections } = options === undefined ? /** @type {any} */ ({}) : validate.object(options, 'options');
    const limit = maxConnections === undefined ? Infinity : maxCount(maxConnections);
    environment.check();
    if (!validate.LINUX) throw unavailable('SOCK_SEQPACKET');
    super((emitter) => new ServerCore(emitter, limit));
    this.#core = coreOf(this);
    environment.diagnostics().created(this.#core);
  }

  /** @param {any} target @param {any} [backlog] @param {any} [cb] */
  listen(target, backlog, cb) {
    const core = this.#core;
    core.check();
    const { name, fd, backlog: limit, bind, socket, signal, fn } = listenArguments(target, backlog, cb);
    const checked = validate.socketOptions(Object.assign({}, socket, { fd: undefined, signal: undefined }));
    core.check();
    if (core.handle !== undefined) throw systemError(constants.errno.EINVAL, 'bind', name);
    core.socketOptions = socket;
    core.handle = new environment.binding.ServerHandle(
      environment.get(),
      core,
      name,
      fd,
      limit,
      bind.mode,
      bind.unlinkStale,
      bind.unlinkOnClose,
      checked.receiveCredentials,
    );
    core.handle.setReferenced(core.referenced);
    if (signal !== undefined) {
      try {
        core.watchSignal(signal);
      } catch (err) {
        core.close();
        throw err;
      }
    }
    if (fn !== undefined) this.once('listening', fn);
    process.nextTick(() => {
      if (!core.closed) this.emit('listening');
    });
    return this;
  }

  address() {
    this.#core.check();
    return this.#core.handle === undefined ? '' : nameOf(this.#core.handle.address());
  }

  /** @param {any} [cb] */
  close(cb) {
    closeWith(this, this.#core, cb);
  }

  ref() {
    this.#core.referenced = true;
    if (this.listening) this.#core.handle.setReferenced(true);
    return this;
  }

  unref() {
    this.#core.referenced = false;
    if (this.listening) this.#core.handle.setReferenced(false);
    return this;
  }

  get fd() {
    return this.#core.handle === undefined ? -1 : this.#core.handle.fd;
  }

  get listening() {
    return this.#core.handle !== undefined && !this.#core.closed;
  }

  get closed() {
    return this.#core.closed;
  }

  get maxConnections() {
    return this.#core.maxConnections;
  }

  set maxConnections(value) {
    this.#core.maxConnections = maxCount(value);
  }

  get connections() {
    return this.#core.connections;
  }

  get droppedConnections() {
    return this.#core.dropped;
  }

  /** @returns {AsyncIterableIterator<any>} */
  [Symbol.asyncIterator]() {
    return iterateConnections(this, this.#core);
  }
}

/** @param {unknown} value */
function maxCount(value) {
  return value === Infinity ? Infinity : validate.integer(value, 'maxConnections', 0, validate.MAX_INT);
}

makeDisposable(SeqpacketServer);

module.exports = { SeqpacketServer };
