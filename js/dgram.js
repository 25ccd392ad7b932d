'use strict';
// DgramSocket: SOCK_DGRAM.

const { Core } = require('./core');
const environment = require('./environment');
const { unavailable } = require('./errors');
const { iterateDatagrams } = require('./iterate');
const { SocketBase, closeWith, coreOf, makeDisposable } = require('./socket_base');
const validate = require('./validate');

const KIND = { dgram: true, name: 'UNIXDGRAMSOCKET', closedMessage: 'DgramSocket has been closed' };
/** Destinations a socket remembers by number; more while callbacks of more of them wait. */
const SLOTS = 64;

/** The numbers under which the binary knows destinations: a name crosses once. */
class Destinations {
  /** @param {Core} core */
  constructor(core) {
    this.core = core;
    /** @type {Map<string, number>} */
    this.slots = new Map();
    /** @type {Map<string, number>} by their bytes, whatever they were given as */
    this.known = new Map();
    /** @type {Array<{ name: string | undefined, bytes: string } | undefined>} */
    this.names = [undefined];
    this.next = 0;
  }

  /** @param {unknown} path @returns {number} 0 for the connected peer */
  slotOf(path) {
    if (path === undefined || path === null) return 0;
    const known = this.slots.get(/** @type {string} */ (path));
    if (known !== undefined) return known;
    const bytes = validate.path(path, 'destPath');
    const key = bytes.toString('latin1');
    const slot = this.known.get(key) || this.learn(key, bytes);
    const entry = /** @type {{ name: string | undefined, bytes: string }} */ (this.names[slot]);
    if (typeof path === 'string' && entry.name === undefined) {
      entry.name = path;
      this.slots.set(path, slot);
    }
    return slot;
  }

  /** @param {string} key @param {Buffer} bytes @returns {number} */
  learn(key, bytes) {
    const slot = this.freeSlot();
    const old = this.names[slot];
    if (old !== undefined) {
      this.known.delete(old.bytes);
      if (old.name !== undefined) this.slots.delete(old.name);
    }
    this.core.native.setDestination(this.core.id, slot, bytes);
    this.names[slot] = { name: undefined, bytes: key };
    this.known.set(key, slot);
    return slot;
  }

  /** The next in turn under whose number no callback waits: it would wait for another destination's. */
  freeSlot() {
    const { lanes } = this.core;
    const slots = Math.max(SLOTS, this.names.length - 1);
    for (let i = 0; i < SLOTS; i++) {
      const slot = (this.next++ % slots) + 1;
      if (lanes === undefined || !lanes.has(slot)) return slot;
    }
    return slots + 1;
  }
}

class DgramSocket extends SocketBase {
  #core;
  #destinations;

  /** @param {import('../index').SocketOptions} [options] anything that is no options object is ignored, as 0.2.7 does */
  constructor(options) {
    const checked = validate.socketOptions(typeof options === 'object' ? options : undefined);
    super((emitter) => new Core(emitter, KIND, checked));
    this.#core = coreOf(this);
    this.#destinations = new Destinations(this.#core);
    environment.diagnostics().created(this.#core);
  }

  /** @param {any} [path] @param {any} [options] */
  bind(path, options) {
    this.#core.check();
    const { mode, unlinkStale, unlinkOnClose } = validate.bindOptions(options);
    if (path === undefined && !validate.LINUX) throw unavailable('autobind');
    const name = path === undefined ? undefined : validate.path(path);
    this.#core.check();
    const lost = this.#core.native.bind(this.#core.id, name, mode, unlinkStale, unlinkOnClose);
    if (!lost) return;
    // A socket has one name in its life, and this one's file is gone.
    this.#core.close();
    throw lost;
  }

  /**
   * @param {any} buf
   * @param {number} offset
   * @param {number} length
   * @param {any} destPath
   * @param {any} [cb]
   * @returns {boolean}
   */
  sendTo(buf, offset, length, destPath, cb) {
    const core = this.#core;
    core.check();
    const { byteLength } = validate.view(buf);
    validate.integer(offset, 'offset', 0, byteLength);
    validate.integer(length, 'length', 0, byteLength - offset);
    const fn = validate.callback(cb);
    if (destPath === undefined || destPath === null) validate.path(destPath, 'destPath');
    core.check();
    return core.write(buf, offset, length, fn, this.#destinations.slotOf(destPath));
  }

  /**
   * @param {any} msg
   * @param {any} [destPath]
   * @param {any} [options]
   * @param {any} [cb]
   * @returns {boolean}
   */
  send(msg, destPath, options, cb) {
    const core = this.#core;
    core.check();
    if (typeof destPath === 'function') return this.send(msg, undefined, undefined, destPath);
    if (typeof options === 'function') return this.send(msg, destPath, undefined, options);
    const fn = validate.callback(cb);
    const fds = validate.sendOptions(options);
    const data = validate.message(msg);
    // A getter may have closed the socket.
    core.check();
    const slot = this.#destinations.slotOf(destPath);
    if (Array.isArray(data) || fds.length > 0)
      return core.writeParts([].concat(/** @type {any} */ (data)), fds, fn, slot);
    return core.write(data, 0, data.byteLength, fn, slot);
  }

  /** @param {any} path */
  connect(path) {
    this.#core.check();
    const name = validate.path(path);
    this.#core.native.connectDgram(this.#core.id, name);
    environment.diagnostics().connected(this.#core, name);
    process.nextTick(() => {
      if (!this.#core.closed) this.emit('connect');
    });
  }

  disconnect() {
    this.#core.check();
    this.#core.native.disconnect(this.#core.id);
  }

  /** @param {any} [cb] */
  close(cb) {
    closeWith(this, this.#core, cb);
  }

  /** @returns {AsyncIterableIterator<any>} */
  [Symbol.asyncIterator]() {
    return iterateDatagrams(this, this.#core);
  }
}

makeDisposable(DgramSocket);

module.exports = { DgramSocket };
