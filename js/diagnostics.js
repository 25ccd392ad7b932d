'use strict';
// What a program can see of its sockets: channels of diagnostics_channel, the log of NODE_DEBUG=unix-socket, and
// util.inspect. Loaded with the first socket; where nobody looks, a hook costs a call. No hook is called for a message that
// is sent or received.

const { debuglog, inspect } = require('util');
const { nameOf } = require('./events');

const NAME = 'unix-socket';
const SILENT = { hasSubscribers: false, publish() {} };

/** Node.js 12 has none. */
function loadChannels() {
  try {
    return require('diagnostics_channel');
  } catch (_err) {
    return { channel: () => SILENT };
  }
}

const { channel } = /** @type {any} */ (loadChannels());
const channels = {
  create: channel('node-unix-socket:create'),
  connect: channel('node-unix-socket:connect'),
  close: channel('node-unix-socket:close'),
  drop: channel('node-unix-socket:drop'),
};
const log = debuglog(NAME);
/** debuglog().enabled came with Node.js 14.9. */
const logging =
  /** @type {any} */ (log).enabled !== false && new RegExp(`\\b${NAME}\\b|\\*`, 'i').test(process.env.NODE_DEBUG || '');

/** As the log calls a socket, for as long as it lives. @param {any} core */
function titleOf(core) {
  return `${core.emitter.constructor.name}#${core.resource.asyncId()}`;
}

/** A socket or server was made. @param {any} core */
function created(core) {
  const { emitter } = core;
  if (logging) log('%s created, fd %d', titleOf(core), emitter.fd);
  if (channels.create.hasSubscribers) channels.create.publish({ socket: emitter });
}

/**
 * A connection was made by connect(), or accepted by `server`.
 * @param {any} core
 * @param {Uint8Array} path
 * @param {any} [server]
 */
function connected(core, path, server) {
  if (!logging && !channels.connect.hasSubscribers) return;
  const name = nameOf(path);
  if (logging) log('%s %s %j', titleOf(core), server === undefined ? 'connected to' : 'accepted, from', name);
  if (channels.connect.hasSubscribers) channels.connect.publish({ socket: core.emitter, path: name, server });
}

/** 'close' follows. @param {any} core */
function closed(core) {
  if (logging) log('%s closed', titleOf(core));
  if (channels.close.hasSubscribers) channels.close.publish({ socket: core.emitter });
}

/**
 * A message was not sent.
 * @param {any} core
 * @param {Error} error
 */
function dropped(core, error) {
  if (logging) log('%s dropped: %s', titleOf(core), error.message);
  if (channels.drop.hasSubscribers) channels.drop.publish({ socket: core.emitter, error });
}

/** A server turned a connection away. @param {any} core @param {string} reason */
function refused(core, reason) {
  if (logging || channels.drop.hasSubscribers) dropped(core, new Error(reason));
}

/** Before a socket closes: whether messages wait, which are dropped with it, and somebody looks. @param {any} core */
function waits(core) {
  return (logging || channels.drop.hasSubscribers) && core.writableLength > 0;
}

/** @param {() => any} get @returns {any} undefined where the descriptor has no such thing (any more) */
function attempt(get) {
  try {
    return get();
  } catch (_err) {
    return undefined;
  }
}

/** @param {any} core @returns {string} */
function stateOf(core) {
  if (core.closed) return 'closed';
  if (core.connecting) return 'connecting';
  if (core.ending) return core.writeShut ? 'write side shut' : 'ending';
  return core.kind.dgram || core.connected ? 'open' : 'not connected';
}

/** @param {any} core */
function socketState(core) {
  const { native, id } = core;
  const [bytesRead, bytesWritten, droppedMessages] = native.counters(id);
  const names = core.closed
    ? {}
    : {
        path: attempt(() => nameOf(native.address(id))),
        remotePath: attempt(() => nameOf(native.remoteAddress(id))) || '',
      };
  return Object.assign({ fd: native.fd(id), state: stateOf(core) }, names, {
    paused: core.paused,
    writableLength: core.writableLength,
    writableHighWaterMark: core.highWaterMark,
    writableNeedDrain: core.needDrain && !core.closed,
    bytesRead,
    bytesWritten,
    droppedMessages,
  });
}

/** @param {any} core */
function serverState(core) {
  const { handle, maxConnections, connections } = core;
  const listening = handle !== undefined && !core.closed;
  return Object.assign(
    {
      fd: handle === undefined ? -1 : handle.fd,
      state: core.closed ? 'closed' : listening ? 'listening' : 'not listening',
    },
    listening ? { path: attempt(() => nameOf(handle.address())) } : {},
    { connections, maxConnections, droppedConnections: core.dropped },
  );
}

/** What the program itself put on the object. @param {any} emitter @returns {any} */
function ownProperties(emitter) {
  const own = /** @type {any} */ ({});
  for (const key of Object.keys(emitter)) if (key !== 'domain' && key[0] !== '_') own[key] = emitter[key];
  return own;
}

/**
 * What util.inspect shows.
 * @param {any} core
 * @param {number} depth
 * @param {any} options
 * @returns {string}
 */
function show(core, depth, options) {
  const { emitter } = core;
  const { name } = emitter.constructor;
  if (depth < 0) return options.stylize(`[${name}]`, 'special');
  const state = 'maxConnections' in core ? serverState(core) : socketState(core);
  return `${name} ${inspect(Object.assign(state, ownProperties(emitter)), Object.assign({}, options, { depth: options.depth === null ? null : options.depth - 1 }))}`;
}

module.exports = { closed, connected, created, dropped, refused, show, waits };
