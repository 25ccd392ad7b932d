'use strict';
// The state of sockets and servers. Each public object keeps its state object, and nothing else, under one private key.
// The state object is also the native handle: a class here extends the binary's and adds the fields of the JS half. The
// functions that work on it are in receive.js, send.js, close.js and so on.

const { AsyncResource } = require('async_hooks');
const binding = require('./binding');
const { invalidThis, socketClosed } = require('./errors');
const { refuseClone } = require('./transfer');

/** A Symbol and not a #private field, so that a Proxy around a socket works. */
const kState = Symbol('node-unix-socket state');
const EMPTY = Buffer.alloc(0);

/**
 * What all sockets of a class, or all servers, have in common.
 * @typedef {object} Kind
 * @property {string} className
 * @property {boolean} dgram
 * @property {string} resourceName the type of their AsyncResource
 * @property {string} closedMessage of ERR_SOCKET_CLOSED
 * @property {(state: any, event: number, detail: any) => void} onEvent handles an event of the binary
 * @property {(state: any, err?: any) => void} close `err` is what the callbacks of connect() and end() get
 * @property {(state: any) => void} [onTurnEnd] called at the end of a turn of the event loop in which messages failed
 */

class SocketState extends binding.SocketHandle {
  /**
   * @param {any} environment
   * @param {Kind} kind
   * @param {import('./options').SocketSettings} options
   */
  constructor(environment, kind, options) {
    const { readSize, maxQueued, receiveFds, receiveCredentials, busyPoll } = options;
    super(environment, kind.dgram, readSize, maxQueued, receiveFds, receiveCredentials, busyPoll);
    this.kind = kind;
    /** @type {any} the public object */
    this.emitter = undefined;
    /** The async context of the socket's events. */
    this.resource = new AsyncResource(kind.resourceName);
    /** The handle's key, which the hot calls take. */
    this.hotKey = -1;
    this.closed = false;
    this.connected = false;
    /** The state of the server that accepted the connection. @type {any} */
    this.server = undefined;

    /** pause() was called, or the option `paused` is set. */
    this.paused = options.paused;
    /** A 'data' listener was added at least once. */
    this.dataListened = false;
    /** The binary was asked to read. */
    this.reading = false;
    /** The socket is connected, or is a datagram socket. */
    this.readable = kind.dgram;

    this.highWaterMark = options.highWaterMark;
    if (!options.allowHalfOpen) this.allowHalfOpen = false;
    /** The connected peer's queue is over the high water mark: 'drain' follows. */
    this.needDrain = false;
    /** @type {Map<number, any> | undefined} queues of callbacks that wait, by destination */
    this.callbacks = undefined;
    /** The id that a message with a callback was given last. */
    this.lastId = 0;
    /** Callbacks passed to process.nextTick since the last setImmediate. */
    this.nextTickCount = 0;
    /** Callbacks passed to setImmediate that have not run yet. */
    this.immediatesPending = 0;
    /** Calls of cork() without an uncork(). */
    this.corks = 0;
    /** @type {any} messages collected since cork() */
    this.stage = undefined;
  }
}

/** Fields of sockets and servers that are set when they close. */
const endFields = {
  /** 'close' was emitted. */
  closeEmitted: false,
  /** The argument of destroy(err), until it is emitted. @type {any} */
  lastError: undefined,
  /** Removes the listeners of abort signals. @type {any} */
  removeAbortListener: undefined,
  /** An iterator was used. */
  iterated: false,
  /** The error that the next iteration throws. @type {any} */
  heldError: undefined,
};

// Fields that idle sockets do not set are on the prototype, because programs may hold thousands of idle sockets.
Object.assign(SocketState.prototype, endFields, {
  /** Name of the last datagram's sender, as a string and as bytes. */
  path: '',
  rawPath: EMPTY,
  /** The peer has shut down its write side, and nothing reads. */
  peerEnded: false,
  /** 'end' was emitted. */
  ended: false,

  /** Ids that were waiting when ids started again at 1. @type {Set<number> | undefined} */
  busyIds: undefined,
  /** Bytes in the binary's queue when corked messages were last passed to it. */
  bytesBeforeStage: 0,

  /** connect() is trying, because the server's backlog is full. */
  connecting: false,
  /** @type {any} */
  connectTimer: undefined,
  /** The argument of connect(). @type {any} */
  peerPath: undefined,
  /** end() was called. */
  ending: false,
  writeShut: false,
  /** The callback of connect(), until it runs. @type {any} */
  connectCallback: undefined,
  /** Callbacks of end(). @type {any} */
  endCallbacks: undefined,
  /** False if end() is called when the peer has ended. */
  allowHalfOpen: true,

  /** The first error of a message without a callback in this turn of the event loop. @type {any} */
  failure: undefined,
  /** Messages without a callback that failed in this turn. */
  failedMessages: 0,
  /** Kind.onTurnEnd will be called. */
  turnEnds: false,
  /** DRAINED events that wait for it. @type {any} */
  drains: undefined,
  /** The first error of send(2) that means that the connection is broken. @type {any} */
  sendError: undefined,
  /** What broke the connection, and whether it was emitted. @type {any} */
  broken: undefined,
  brokenEmitted: false,
  /** connectionBroke() will be called again in the next turn. */
  breakPending: false,
  /** What closed the socket, if that was an error. @type {any} */
  closeError: undefined,
  /** The destinations of a datagram socket. @type {any} */
  destinations: undefined,
  /** Ids of destinations whose queue is over the high water mark: 'drain' follows. @type {Set<number> | undefined} */
  needDrainTo: undefined,
  /** The id of the name that a datagram socket is connected to. */
  peerId: 0,
});

class ServerState extends binding.ServerHandle {
  /** @param {any} environment @param {Kind} kind @param {number} maxConnections */
  constructor(environment, kind, maxConnections) {
    super(environment);
    this.kind = kind;
    /** @type {any} the public object */
    this.emitter = undefined;
    /** The async context of the server's events. */
    this.resource = new AsyncResource(kind.resourceName);
    this.closed = false;
    /** The binary was asked to accept. */
    this.accepting = false;
    this.maxConnections = maxConnections;
    this.connections = 0;
    this.droppedConnections = 0;
    /** @type {any} options of accepted sockets */
    this.socketOptions = undefined;
  }
}

Object.assign(ServerState.prototype, endFields);

/** Gives a public object its state. @param {any} emitter @param {any} state */
function attach(emitter, state) {
  Object.defineProperty(emitter, kState, { value: state });
  refuseClone(emitter);
  state.emitter = emitter;
}

/**
 * Returns the state of a public object. Throws if a method of one class is called on an object of another class.
 * @type {(emitter: any, kind?: Kind) => any}
 */
function stateOf(emitter, kind) {
  const state = emitter[kState];
  if (kind !== undefined && (state === undefined || state.kind !== kind)) throw invalidThis(kind.className);
  return state;
}

/** Throws ERR_SOCKET_CLOSED if it is closed. @param {any} state */
function checkOpen(state) {
  if (state.closed) throw socketClosed(state.kind.closedMessage);
}

module.exports = { ServerState, SocketState, attach, checkOpen, stateOf };
