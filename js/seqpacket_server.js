'use strict';

const { EventEmitter } = require('events');
const { closeOnAbort } = require('./abort_signal');
const { closeServer, closeWith, emitClose, makeDisposable } = require('./close');
const { Event, LINUX } = require('./constants');
const diagnostics = require('./diagnostics');
const { emitError } = require('./emit_error');
const { checkPlatform } = require('./environment');
const { alreadyListening, unavailable } = require('./errors');
const { makeInspectable, serverProperties } = require('./inspect');
const { connections, iterate } = require('./iterate');
const { nameOf } = require('./names');
const { Opening } = require('./open');
const { acceptedOptions, listenOptions, serverOptions } = require('./options');
const { SEQPACKET, SeqpacketSocket } = require('./seqpacket_socket');
const { ServerState, attach, checkOpen, stateOf } = require('./state');
const { nextTick } = require('./timers');
const { openEnvironment } = require('./upcalls');
const { callback, callbackIsLast, countOrInfinity, either, int, isOptions, path } = require('./validate');

const SERVER = {
  className: 'SeqpacketServer',
  dgram: false,
  resourceName: 'SEQPACKETSERVER',
  closedMessage: 'SeqpacketServer has been closed',
  onEvent: onServerEvent,
  close: closeServer,
};

/** Handles an event of the binary. @param {any} state @param {number} event @param {any} detail */
function onServerEvent(state, event, detail) {
  if (event === Event.CONNECTION) acceptConnection(state, detail);
  else if (event === Event.ERROR) emitError(state, detail);
  else if (event === Event.CLOSE) emitClose(state);
}

/** A connection that is not accepted here is closed by the binary. @param {any} state @param {Uint8Array} name of the peer */
function acceptConnection(state, name) {
  if (state.connections >= state.maxConnections) {
    state.droppedConnections++;
    diagnostics.connectionDropped(state, 'maxConnections is reached');
    return;
  }
  let socket;
  try {
    socket = new SeqpacketSocket(new Opening(SEQPACKET, state.socketOptions, (accepted) => accepted.accept(state)));
  } catch (err) {
    emitError(state, err);
    return;
  }
  const accepted = stateOf(socket);
  state.connections++;
  accepted.server = state;
  diagnostics.connected(accepted, name, state.emitter);
  state.emitter.emit('connection', socket, nameOf(name));
}

/** Accepts while there is a listener for connections. Otherwise they wait in the kernel's backlog. @param {any} state */
function updateAccepting(state) {
  const accepting = state.emitter.listenerCount('connection') > 0;
  if (accepting === state.accepting || state.closed) return;
  state.accepting = accepting;
  state.setAccepting(accepting);
}

/** Of listen(path, backlog, cb), listen(path, cb) or listen(options, cb). @type {(target: any, backlog: any, cb: any) => any} */
function listenArguments(target, backlog, cb) {
  if (typeof backlog === 'function') {
    callbackIsLast('listen', cb);
    return listenArguments(target, undefined, backlog);
  }
  if (isOptions(target)) {
    return Object.assign(listenOptions(target), { cb: callback(either(backlog, cb), 'listen') });
  }
  const options = listenOptions({ path: path(target, 'path', 'listen') });
  if (backlog !== undefined && backlog !== null) options.backlog = int(backlog, 'backlog', 'listen');
  return Object.assign(options, { cb: callback(cb, 'listen') });
}

/** @param {any} state */
function checkCanListen(state) {
  checkOpen(state);
  if (state.listening) throw alreadyListening();
}

/** A SOCK_SEQPACKET listener. */
class SeqpacketServer extends EventEmitter {
  /** @param {{ maxConnections?: number }} [options] */
  constructor(options) {
    super();
    const { maxConnections } = serverOptions(options === undefined ? {} : options);
    checkPlatform();
    if (!LINUX) throw unavailable('SOCK_SEQPACKET');
    const state = new ServerState(openEnvironment(), SERVER, maxConnections);
    attach(this, state);
    diagnostics.created(state);
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  on(type, listener) {
    super.on(type, listener);
    updateAccepting(stateOf(this));
    return this;
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  addListener(type, listener) {
    return this.on(type, listener);
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  prependListener(type, listener) {
    super.prependListener(type, listener);
    updateAccepting(stateOf(this));
    return this;
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  removeListener(type, listener) {
    super.removeListener(type, listener);
    updateAccepting(stateOf(this));
    return this;
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  off(type, listener) {
    return this.removeListener(type, listener);
  }

  /** @param {[(string | symbol)?]} type */
  removeAllListeners(...type) {
    super.removeAllListeners(...type);
    updateAccepting(stateOf(this));
    return this;
  }

  /** @param {any} target @param {any} [backlog] @param {any} [cb] */
  listen(target, backlog, cb) {
    const state = stateOf(this, SERVER);
    checkCanListen(state);
    const options = listenArguments(target, backlog, cb);
    const { signal } = options;
    const socketOptions = either(options.socket, acceptedOptions({}, 'options.socket'));
    const { receiveCredentials, receiveFds } = socketOptions;
    // Before there is a descriptor, because addEventListener may throw.
    const removeAbortListener = signal === undefined ? undefined : closeOnAbort(state, signal);
    try {
      checkCanListen(state); // A getter may have closed the server, or have called listen().
      state.listen(Object.assign(options, { name: options.path, receiveCredentials, receiveFds }));
    } catch (err) {
      if (removeAbortListener !== undefined) removeAbortListener();
      throw err;
    }
    state.removeAbortListener = removeAbortListener;
    state.socketOptions = socketOptions;
    if (options.cb !== undefined) this.once('listening', options.cb);
    nextTick(() => {
      if (!state.closed) this.emit('listening');
    });
    return this;
  }

  address() {
    const state = stateOf(this, SERVER);
    checkOpen(state);
    return state.listening ? nameOf(state.address()) : '';
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
    return stateOf(this, SERVER).listening;
  }

  get closed() {
    return stateOf(this, SERVER).closed;
  }

  get maxConnections() {
    return stateOf(this, SERVER).maxConnections;
  }

  set maxConnections(value) {
    stateOf(this, SERVER).maxConnections = countOrInfinity(value, 'maxConnections');
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

makeDisposable(SeqpacketServer);
makeInspectable(SeqpacketServer, serverProperties);

module.exports = { SeqpacketServer };
