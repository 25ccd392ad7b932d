'use strict';
// Channels of diagnostics_channel, and the log of NODE_DEBUG=unix-socket. No function here is called for a message that
// is sent or received; while nothing subscribes, each costs one call.

const { debuglog } = require('util');
const { classNameOf, nameOf } = require('./names');

const NAME = 'unix-socket';
const SILENT = { hasSubscribers: false, publish() {} };

/** Node.js 12 has no diagnostics_channel. */
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
const write = debuglog(NAME);
/** debuglog().enabled came with Node.js 14.9. */
const logging =
  /** @type {any} */ (write).enabled !== false &&
  new RegExp(`\\b${NAME}\\b|\\*`, 'i').test(process.env.NODE_DEBUG || '');

/** Writes to the log. Throws nothing, because that would change what the program does. */
function log(/** @type {string} */ format, /** @type {any[]} */ ...values) {
  try {
    write(format, ...values);
  } catch (_err) {
    // Standard error is not writable.
  }
}

/** The name of a socket in the log. @param {any} state */
function titleOf(state) {
  return `${classNameOf(state.emitter, state.kind.className)}#${state.resource.asyncId()}`;
}

/** A socket or server was created. @param {any} state */
function created(state) {
  if (logging) log('%s created, fd %d', titleOf(state), state.fd);
  if (channels.create.hasSubscribers) channels.create.publish({ socket: state.emitter });
}

/** connect() succeeded, or `server` accepted a connection. @type {(state: any, path: Uint8Array, server?: any) => void} */
function connected(state, path, server) {
  if (!logging && !channels.connect.hasSubscribers) return;
  const name = nameOf(path);
  if (logging) log('%s %s %j', titleOf(state), server === undefined ? 'connected to' : 'accepted, from', name);
  if (channels.connect.hasSubscribers) channels.connect.publish({ socket: state.emitter, path: name, server });
}

/** A 'close' event follows. @param {any} state */
function closed(state) {
  if (logging) log('%s closed', titleOf(state));
  if (channels.close.hasSubscribers) channels.close.publish({ socket: state.emitter });
}

/** Whether messageDropped has an effect. */
function observesDrops() {
  return logging || channels.drop.hasSubscribers;
}

/** A message was not sent. @param {any} state @param {Error} error */
function messageDropped(state, error) {
  if (logging) log('%s dropped: %s', titleOf(state), error.message);
  if (channels.drop.hasSubscribers) channels.drop.publish({ socket: state.emitter, error });
}

/** A server closed a connection instead of accepting it. @param {any} state @param {string} reason */
function connectionDropped(state, reason) {
  if (observesDrops()) messageDropped(state, new Error(reason));
}

module.exports = { closed, connected, connectionDropped, created, messageDropped, observesDrops };
