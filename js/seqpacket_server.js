'use strict';

const { constants } = require('os');
const { EventEmitter } = require('events');
const { destroyOnAbort } = require('./abort_signal');
const { closeServer, closeWith, emitClose, makeDisposable } = require('./close');
const { Event, LINUX, MAX_INT } = require('./constants');
const diagnostics = require('./diagnostics');
const { checkPlatform, systemError } = require('./environment');
const { invalidValue, unavailable } = require('./errors');
const { makeInspectable, serverProperties } = require('./inspect');
const { connections, iterate } = require('./iterate');
const { nameOf } = require('./names');
const { Opening } = require('./open');
const { SEQPACKET, SeqpacketSocket } = require('./seqpacket_socket');
const { ServerState, attach, checkOpen, stateOf } = require('./state');
const { nextTick } = require('./timers');
const { openEnvironment } = require('./upcalls');
const validate = require('./validate');

const SERVER = {
  className: 'SeqpacketServer',
  dgram: false,
  resourceName: 'SEQPACKETSERVER',
  closedMessage: 'SeqpacketServer has been closed',
  onEvent: onServerEvent,
  close: closeServer,
};
const DEFAULT_BACKLOG = 511;

/** Handles an event of the binary. @param {any} state @param {number} event @param {any} detail */
function onServerEvent(state, event, detail) {
  if (event === Event.CONNECTION) acceptConnection(state, detail);
  else if (event === Event.ERROR) state.emitter.emit('error', detail);
  else if (event === Event.CLOSE) emitClose(state);
}

/** A connection that is not accepted here is closed by the binary. @param {any} state @param {Uint8Array} name of the peer */
function acceptConnection(state, name) {
  const full = state.connections >= state.maxConnections;
  if (full) state.droppedConnections++;
  if (full || state.emitter.listenerCount('connection') === 0) {
    diagnostics.connectionDropped(state, full ? 'maxConnections is reached' : "nobody listens to 'connection'");
    return;
  }
  let socket;
  try {
    const options = validate.socketOptions(state.socketOptions);
    socket = new SeqpacketSocket(new Opening(SEQPACKET, options, (accepted) => accepted.accept(state)));
  } catch (err) {
    state.emitter.emit('error', err);
    return;
  }
  const accepted = stateOf(socket);
  state.connections++;
  accepted.server = state;
  diagnostics.connected(accepted, name, state.emitter);
  state.emitter.emit('connection', socket, nameOf(name));
}

/** Of listen(path, backlog, cb), listen(path, cb) or listen(options, cb). @type {(target: any, backlog: any, cb: any) => any} */
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
    fd: adopt ? validate.integer(fd, 'options.fd', 0, MAX_INT) : undefined,
    backlog: validate.integer(validate.either(limit, DEFAULT_BACKLOG), 'backlog', 0, MAX_INT),
    bind,
    socket: Object.assign({}, socket === undefined ? undefined : validate.object(socket, 'options.socket')),
    signal: validate.signal(signal, 'options.signal'),
    fn,
  };
}

/** A SOCK_SEQPACKET listener. */
class SeqpacketServer extends EventEmitter {
  /** @param {{ maxConnections?: number }} [options] */
  constructor(options) {
    super();
    const { maxConnections } = options === undefined ? /** @type {any} */ ({}) : validate.object(options, 'options');
    const limit = maxConnections === undefined ? Infinity : maxCount(maxConnections);
    checkPlatform();
    if (!LINUX) throw unavailable('SOCK_SEQPACKET');
    const state = new ServerState(openEnvironment(), SERVER, limit);
    attach(this, state);
    diagnostics.created(state);
  }

  /** @param {any} target @param {any} [backlog] @param {any} [cb] */
  listen(target, backlog, cb) {
    const state = stateOf(this, SERVER);
    checkOpen(state);
    const { name, fd, backlog: limit, bind, socket, signal, fn } = listenArguments(target, backlog, cb);
    const socketOptions = Object.assign({}, socket, { fd: undefined });
    const { receiveCredentials } = validate.socketOptions(Object.assign({}, socketOptions, { signal: undefined }));
    checkOpen(state); // A getter may have closed the server.
    if (state.fd >= 0) throw systemError(constants.errno.EINVAL, 'bind', name);
    state.listen(Object.assign({ name, fd, backlog: limit, receiveCredentials }, bind));
    state.socketOptions = socketOptions;
    if (signal !== undefined) {
      try {
        state.removeAbortListener = destroyOnAbort(state, signal);
      } catch (err) {
        closeServer(state);
        throw err;
      }
    }
    if (fn !== undefined) this.once('listening', fn);
    nextTick(() => {
      if (!state.closed) this.emit('listening');
    });
    return this;
  }

  address() {
    const state = stateOf(this, SERVER);
    checkOpen(state);
    return state.fd < 0 ? '' : nameOf(state.address());
  }

  /** @param {any} [cb] */
  close(cb) {
    closeWith(this, stateOf(this, SERVER), cb);
  }

  ref() {
    stateOf(this, SERVER).setReferenced(true);
    return this;
  }

  unref() {
    stateOf(this, SERVER).setReferenced(false);
    return this;
  }

  get fd() {
    return stateOf(this, SERVER).fd;
  }

  get listening() {
    return stateOf(this, SERVER).fd >= 0;
  }

  get closed() {
    return stateOf(this, SERVER).closed;
  }

  get maxConnections() {
    return stateOf(this, SERVER).maxConnections;
  }

  set maxConnections(value) {
    stateOf(this, SERVER).maxConnections = maxCount(value);
  }

  get connections() {
    return stateOf(this, SERVER).connections;
  }

  get droppedConnections() {
    return stateOf(this, SERVER).droppedConnections;
  }

  /** @returns {AsyncIterableIterator<any>} */
  [Symbol.asyncIterator]() {
    return iterate(this, stateOf(this, SERVER), connections);
  }
}

/** @param {unknown} value */
function maxCount(value) {
  return value === Infinity ? Infinity : validate.integer(value, 'maxConnections', 0, MAX_INT);
}

makeDisposable(SeqpacketServer);
makeInspectable(SeqpacketServer, serverProperties);

module.exports = { SeqpacketServer };
