'use strict';
// util.inspect of sockets and servers shows their state, and nothing internal. It never throws.

const { inspect } = require('util');
const { classNameOf, nameOf } = require('./names');
const { needsDrain, writableLength } = require('./send_results');
const { stateOf } = require('./state');

/** @param {() => any} get @returns {any} undefined if it throws */
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
  for (const key of Object.keys(emitter)) {
    if (key !== 'domain' && key[0] !== '_') own[key] = valueOrUndefined(() => emitter[key]);
  }
  return own;
}

/** States of the objects that are being inspected, in case one of them refers to itself. @type {Set<any>} */
const active = new Set();

/** @type {(emitter: any, state: any, properties: (state: any) => any, options: any) => string} */
function describe(emitter, state, properties, options) {
  active.add(state);
  try {
    return inspect(Object.assign(properties(state), ownProperties(emitter)), options);
  } finally {
    active.delete(state);
  }
}

/**
 * @param {any} Class
 * @param {(state: any) => any} properties
 */
function makeInspectable(Class, properties) {
  /** @this {any} @param {number | null} [depth] @param {any} [options] @returns {string} */
  function value(depth = 2, options = {}) {
    // The property accesses may throw, because `this` may be a Proxy.
    const state = valueOrUndefined(() => stateOf(this));
    const name = classNameOf(this, state === undefined ? 'Object' : state.kind.className);
    const short = `[${active.has(state) ? 'Circular' : name}]`;
    if (state !== undefined && (depth === null || depth >= 0) && !active.has(state)) {
      const text = valueOrUndefined(() => describe(this, state, properties, Object.assign({}, options, { depth })));
      if (text !== undefined) return `${name} ${text}`;
    }
    return typeof options.stylize === 'function' ? options.stylize(short, 'special') : short;
  }
  const symbol = Symbol.for('nodejs.util.inspect.custom');
  Object.defineProperty(Class.prototype, symbol, { value, writable: true, configurable: true });
}

module.exports = { makeInspectable, serverProperties, socketProperties };
