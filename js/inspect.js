'use strict';
// util.inspect of sockets and servers shows their state, and nothing internal.

const { inspect } = require('util');
const { nameOf } = require('./names');
const { needsDrain, writableLength } = require('./send_results');
const { stateOf } = require('./state');

/** @param {() => any} get @returns {any} undefined if it throws, because the descriptor has no such property */
function valueOrUndefined(get) {
  try {
    return get();
  } catch (_err) {
    return undefined;
  }
}

/** @param {any} state @returns {string} */
function describeState(state) {
  if (state.closed) return 'closed';
  if (state.connecting) return 'connecting';
  if (state.ending) return state.writeShut ? 'write side shut' : 'ending';
  return state.kind.dgram || state.connected ? 'open' : 'not connected';
}

/** @param {any} state */
function socketProperties(state) {
  const [bytesRead, bytesWritten, droppedMessages] = state.counters();
  const names = state.closed
    ? {}
    : {
        path: valueOrUndefined(() => nameOf(state.localAddress())),
        remotePath: valueOrUndefined(() => nameOf(state.remoteAddress())) || '',
      };
  return Object.assign({ fd: state.fd, state: describeState(state) }, names, {
    paused: state.paused,
    writableLength: writableLength(state),
    writableHighWaterMark: state.highWaterMark,
    writableNeedDrain: needsDrain(state),
    bytesRead,
    bytesWritten,
    droppedMessages,
  });
}

/** @param {any} state */
function serverProperties(state) {
  const { fd, connections, maxConnections, droppedConnections } = state;
  const listening = fd >= 0;
  return Object.assign(
    { fd, state: state.closed ? 'closed' : listening ? 'listening' : 'not listening' },
    listening ? { path: valueOrUndefined(() => nameOf(state.address())) } : {},
    { connections, maxConnections, droppedConnections },
  );
}

/** @param {any} emitter @returns {any} the properties that the program added to the object */
function ownProperties(emitter) {
  const own = /** @type {any} */ ({});
  for (const key of Object.keys(emitter)) if (key !== 'domain' && key[0] !== '_') own[key] = emitter[key];
  return own;
}

/**
 * @param {any} Class
 * @param {(state: any) => any} properties
 */
function makeInspectable(Class, properties) {
  /** @this {any} @param {number} depth @param {any} options @returns {string} */
  function value(depth, options) {
    const { name } = this.constructor;
    const state = stateOf(this);
    if (state === undefined) return name; // a prototype
    if (depth < 0) return options.stylize(`[${name}]`, 'special');
    const shown = Object.assign(properties(state), ownProperties(this));
    const inner = Object.assign({}, options, { depth: options.depth === null ? null : options.depth - 1 });
    return `${name} ${inspect(shown, inner)}`;
  }
  const symbol = Symbol.for('nodejs.util.inspect.custom');
  Object.defineProperty(Class.prototype, symbol, { value, writable: true, configurable: true });
}

module.exports = { makeInspectable, serverProperties, socketProperties };
