'use strict';
// The binary's Environment for this copy of the library, and what it shares with JavaScript. It is made for the first
// socket or server: require() has no effects, and functions that need no event loop do without.

const { MAX_RUN_MESSAGES } = require('./constants');
const { coded } = require('./errors');
const { unsupported } = require('./platform');

/**
 * Memory shared with the binary. For onRun: the number of messages delivered, then offset and length of each message.
 * For onData: the first word is set when JavaScript takes over the descriptors of the message.
 */
const runs = new Uint32Array(1 + 2 * MAX_RUN_MESSAGES);

/**
 * The two functions that are called once per message. They take a private key instead of a handle, because finding the
 * handle behind an object would cost more than the rest of the call.
 * @type {{ send: any, sendStaged: any }}
 */
const hotCalls = { send: undefined, sendStaged: undefined };

/** @type {any} */
let environment;

/** @returns {any} undefined before the first socket or server */
function get() {
  return environment;
}

/** @param {any} created the Environment to use from now on */
function set(created) {
  const [send, sendStaged] = created.hotCalls(); // first, because it may throw
  Object.assign(hotCalls, { send, sendStaged });
  environment = created;
  return environment;
}

const unsupportedReason = unsupported();

/** Throws on Bun, Deno and Windows, where no socket can work. */
function checkPlatform() {
  if (unsupportedReason) throw coded(Error, unsupportedReason.code, unsupportedReason.message);
}

/** `errno` is positive. @type {(errno: number, syscall: string, path?: Uint8Array) => import('../index').SystemError} */
function systemError(errno, syscall, path) {
  return environment.systemError(errno, syscall, path);
}

module.exports = { checkPlatform, get, hotCalls, runs, set, systemError };
