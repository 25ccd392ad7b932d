'use strict';
// One end of a link: a socket, the messages that were sent from it, the messages that it has to receive.

const { lib } = require('../helpers/lib');
const { Route, check, tagOf } = require('./route');

/** Kinds of callbacks. The length of the function must make no difference. */
const CALLBACKS = {
  none: () => undefined,
  notify:
    (fn) =>
    (...args) =>
      fn(args[0] || null),
  error: (fn) => (err) => fn(err || null),
};
/** Codes of what breaks a connection. */
const BREAKS = ['EPIPE', 'ECONNRESET', 'ERR_SOCKET_CLOSED'];

const noHooks = () => ({ data: [], cb: [], drain: [], end: [], close: [], error: [] });

class End {
  /**
   * @param {any} world
   * @param {any} socket
   * @param {{ dgram: boolean, path?: string, readSize?: number, signals?: AbortController[] }} about
   */
  constructor(world, socket, { dgram, path, readSize = 262144, signals = [] }) {
    Object.assign(this, { world, id: world.ends.length, socket, dgram, path, signals });
    /** True if the socket is bound, so that several others can send to it. */
    this.tagged = path !== undefined;
    /** @type {Map<string | undefined, Route>} path -> route; undefined for the connected peer */
    this.routes = new Map();
    /** Ends that this one has been connected to. */
    this.peers = new Set();
    this.readSizes = new Set([readSize]);
    /** Messages already counted: several listeners of one socket get the same object. */
    this.seen = new WeakSet();
    /** Messages for which 'error' events stand. */
    this.errors = 0;
    /** Events for messages in this turn of the event loop. */
    this.errorsInTurn = 0;
    /** Events that report that the connection is broken. */
    this.breaks = 0;
    this.abortErrors = 0;
    this.closes = 0;
    this.ends = 0;
    this.closedByUs = false;
    this.aborted = false;
    /** True if the stream failed and closed the socket. */
    this.dropped = false;
    this.wasListened = false;
    /** True if an iterator was used, and if the connection broke before all messages were read. */
    this.iterated = false;
    this.unread = false;
    /** Messages to missing destinations whose callbacks have not run. */
    this.scattered = 0;
    /** Running loops over iterators. */
    this.loops = 0;
    /** @type {any} */
    this.stream = undefined;
    this.clearHooks();
    this.inCall = false;
    for (const event of ['error', 'close', 'end', 'drain']) {
      socket.on(event, (...args) => world.guard(() => this[`on_${event}`](...args)));
    }
    this.onData = (data, ...rest) => world.guard(() => this.receive(data, rest[rest.length - 1]));
    this.listen();
  }

  clearHooks() {
    this.hooks = noHooks();
  }

  /** To be called before an operation that closes the socket. An aborted signal would close it in the next tick only. */
  closing() {
    if (!this.socket.closed && this.signals.some(({ signal }) => signal.aborted)) this.aborted = false;
    this.closedByUs = true;
  }

  gone() {
    return this.closedByUs || this.dropped;
  }

  /** True if the kernel may drop received messages, because a connected peer has closed (unix_dgram_disconnected). */
  fragile() {
    return this.dgram && this.routeTo(undefined).sent.length > 0 && [...this.peers].some((peer) => peer.gone());
  }

  routeTo(path) {
    let route = this.routes.get(path);
    if (route === undefined) {
      route = new Route(this, this.world.routes.length);
      this.world.routes.push(route);
      this.routes.set(path, route);
    }
    return route;
  }

  connectedTo(peer) {
    this.peers.add(peer);
    this.routeTo(undefined).reaches(peer);
  }

  listen() {
    if (this.stream || this.socket.listeners('data').includes(this.onData)) return;
    this.wasListened = true;
    this.socket.on('data', this.onData);
  }

  /** Resumes reading at the end. A stream whose listener threw flows again only after pause(). */
  readOn() {
    if (this.stream) this.stream.pause().resume();
    else if (!this.socket.closed) {
      this.listen();
      this.socket.resume();
    }
  }

  unlisten() {
    this.socket.removeListener('data', this.onData);
  }

  react(event) {
    const hook = this.hooks[event].shift();
    if (hook) this.world.perform(hook);
  }

  /** Sends one message; `shape` is the form of the arguments. */
  send({ size, cb, shape, fds, to }) {
    const { stream } = this;
    if (stream && !stream.writable) return;
    const path = this.tagged ? this.world.pathOf(this, to) : undefined;
    const route = this.routeTo(path);
    const target = this.world.ends.find((end) => path !== undefined && end.path === path);
    if (target) route.reaches(target);
    const message = route.message({ size, cb }, this.tagged);
    const callback = CALLBACKS[cb]((err) =>
      this.world.guard(() => {
        check(!this.inCall, 'a callback ran before its call returned');
        route.settled(message, err, !stream);
        const open = route.next.size > 0 && [...route.next.keys()].every((each) => !each.socket.closed);
        check(!open || err?.code !== 'ECONNREFUSED', 'a message to an open socket failed with ECONNREFUSED');
        // An exception in a callback would end the loop of the stream over its callbacks.
        if (!stream) this.react('cb');
      }),
    );
    this.inCall = true;
    try {
      if (stream) stream.write(message.data, callback);
      else this.hand(shape, message.data, fds ? [this.world.spareFd] : [], path, callback);
    } catch (err) {
      // An earlier operation has closed the socket, so that the message was refused.
      check(err.code === 'ERR_SOCKET_CLOSED' || err.code === 'ENOTCONN', `send threw ${err.stack}`);
      check(err.code !== 'ERR_SOCKET_CLOSED' || this.socket.closed, 'ERR_SOCKET_CLOSED from an open socket');
      message.outcome = err;
      message.called = 1;
    } finally {
      this.inCall = false;
    }
  }

  hand(shape, data, fds, path, callback) {
    const { socket } = this;
    const options = fds.length > 0 ? { fds } : undefined;
    const parts = shape === 'parts' ? [data.subarray(0, 1), data.subarray(1)] : data;
    const wide = () => Buffer.concat([Buffer.alloc(3), data, Buffer.alloc(2)]);
    if (this.dgram) {
      if (shape === 'slice' && path && !options) return socket.sendTo(wide(), 3, data.length, path, callback);
      // A path may be given as bytes.
      return socket.send(parts, shape === 'slice' && path ? Buffer.from(path) : path, options, callback);
    }
    if (options) return socket.write(parts, options, callback);
    if (shape !== 'slice') return socket.write(parts, callback);
    const memory = wide();
    socket.write(memory, 3, data.length, callback);
    memory.fill(0xee); // the caller may overwrite its memory at once
    return undefined;
  }

  /** @param {Buffer} data @param {any} [info] unless read as bytes @param {boolean} [late] by an iterator or stream */
  receive(data, info, late = false) {
    if (this.seen.has(data)) return;
    this.seen.add(data);
    if (info) {
      for (const fd of info.fds) lib.closeFd(fd);
      check(info.truncated === data.length < info.size, 'truncated is wrong');
    }
    check(late || (!this.closedByUs && this.closes === 0), "'data' after close");
    check(late || this.ends === 0, "'data' after 'end'");
    const { routes } = this.world;
    const route = this.tagged ? routes[tagOf(data)] : routes.find(({ next }) => next.has(this));
    check(route?.next.has(this), `socket ${this.id}: a message that was not sent to it`);
    route.arrived(data, this, info);
    this.react('data');
  }

  on_error(err) {
    check(typeof err.code === 'string', `an error without a code: ${err.stack}`);
    check(this.closes === 0, "'error' after 'close'");
    if (err.name === 'AbortError') this.abortErrors++;
    else if (!this.dgram && BREAKS.includes(err.code) && !this.afterEnd(err)) {
      check(++this.breaks === 1, `a connection broke ${this.breaks} times, now with ${err.stack}`);
      // A loop that is between two iterations throws the error, and the messages that it has not read are dropped.
      this.unread = this.iterated && this.socket.closed;
      this.errors = Infinity; // stands for all messages that waited
    } else this.messagesFailed(err.messages);
    this.react('error');
  }

  /** True for the error of a message that was sent after end(). */
  afterEnd(err) {
    return this.ending && err.code === 'EPIPE';
  }

  /** @param {number | undefined} messages that the event stands for; undefined if it is not about messages */
  messagesFailed(messages) {
    if (messages === undefined) return;
    check(Number.isInteger(messages) && messages > 0, `an event for ${messages} messages`);
    this.errors += messages;
    check(++this.errorsInTurn === 1, `two 'error' events for messages in one turn`);
    setImmediate(() => {
      this.errorsInTurn = 0;
    });
  }

  on_drain() {
    check(!this.closedByUs, "'drain' after close");
    this.react('drain');
  }

  on_end() {
    check(++this.ends === 1, "'end' twice");
    check(!this.closedByUs && this.closes === 0, "'end' after close");
    this.react('end');
  }

  on_close() {
    check(++this.closes === 1, "'close' twice");
    check(this.socket.closed, "'close' of a socket whose property closed is false");
    this.react('close');
  }

  /** Messages whose callbacks have not run. */
  waiting() {
    const waits = (message) => message.cb !== 'none' && message.called === 0;
    return [...this.routes.values()].flatMap((route) => route.sent.filter(waits));
  }

  /** True if no more messages, callbacks or events are expected. */
  settledDown() {
    if (this.waiting().length > 0 || this.scattered > 0) return false;
    if (this.socket.closed) return this.closes === 1;
    return this.socket.writableLength === 0 && this.lost((end) => end.socket.closed) <= this.errors;
  }

  /** The number of messages that neither arrived nor failed, for routes on which no receiver is `away`. */
  lost(away) {
    const counts = ({ next }) => next.size > 0 && ![...next.keys()].some((end) => away(end) || end.fragile());
    return [...this.routes.values()].filter(counts).reduce((sum, route) => sum + route.unseen().length, 0);
  }

  missing() {
    return [...this.routes.values()].flatMap((route) => route.missing());
  }

  toString() {
    const { socket, closes } = this;
    const state = `${socket.writableLength} bytes queued, closed ${socket.closed}/${closes}, ${this.loops} loops`;
    const routes = [...this.routes].map(
      ([to, route]) =>
        `${route.sent.length} to ${to?.slice(1)}, ${route.unseen().length} unseen, ${route.missing().length} missing`,
    );
    return `${this.dgram ? 'dgram' : 'seqpacket'} ${this.id}: ${state}, ${this.waiting().length} callbacks to come: ${routes}`;
  }

  /** Checks the state at the end of a run. */
  accounts() {
    const { socket, stream } = this;
    check(this.closes === 1, `${this.closes} 'close' events of one socket`);
    const [first] = this.waiting();
    check(!first, `callback of message ${first?.n} never ran`);
    check(this.scattered === 0, `callbacks of ${this.scattered} messages to missing destinations never ran`);
    check(this.loops === 0, `${this.loops} loops over a closed socket have not ended`);
    const aborts = this.aborted ? 1 : 0;
    check(this.abortErrors === aborts, `${this.abortErrors} AbortErrors of ${aborts}`);
    if (stream) check(stream.closed, 'the stream of a closed socket is open');
    else for (const event of ['end', 'error']) check(socket.listenerCount(event) === 1, `a loop left its '${event}'`);
    if (this.gone()) return;
    const lost = this.lost((end) => end.gone());
    check(lost <= this.errors, `${lost} messages lost between open sockets, ${this.errors} errors reported`);
  }
}

module.exports = { End };
