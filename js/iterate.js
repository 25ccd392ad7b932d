'use strict';
// Async iterators. They listen to 'data' only while next() waits. In between nothing reads, so messages stay in the
// kernel: none is lost, and a slow consumer slows the sender.

const { bytesOnly } = require('./receive');

/**
 * @typedef {object} Source
 * @property {string} type the event whose arguments are items
 * @property {(...args: any[]) => any} toItem
 * @property {boolean} always whether to keep the listener between calls of next()
 * @property {(item: any) => void} discard called for each item that was not returned
 * @property {boolean} bytes whether the bytes are all that is used of a message
 */

/** @type {(emitter: any, state: any, source: Source) => AsyncIterableIterator<any>} */
function iterate(emitter, state, { type, toItem, always, discard, bytes }) {
  /** @type {Array<{ resolve: (result: any) => void, reject: (err: Error) => void }>} */
  const waiting = [];
  /** @type {any[]} */
  const items = [];
  /** @type {Error | undefined} */
  let error;
  let started = false;
  let done = false;

  /** @param {...any} args */
  function onItem(...args) {
    const item = toItem(...args);
    const next = waiting.shift();
    if (next === undefined) items.push(item);
    else next.resolve({ value: item, done: false });
    if (!always && waiting.length === 0) emitter.removeListener(type, onItem);
  }

  if (bytes) bytesOnly.add(onItem);

  /** @param {Error} err */
  function onError(err) {
    error = err;
    finish();
  }

  function finish() {
    if (done) return;
    done = true;
    emitter.removeListener(type, onItem);
    emitter.removeListener('end', finish);
    emitter.removeListener('close', finish);
    emitter.removeListener('error', onError);
    for (const next of waiting.splice(0)) settle(next);
  }

  /** @param {{ resolve: (result: any) => void, reject: (err: Error) => void }} next */
  function settle({ resolve, reject }) {
    const err = error;
    error = undefined;
    if (err === undefined) resolve({ value: undefined, done: true });
    else reject(err);
  }

  function start() {
    started = true;
    state.iterated = true;
    error = state.heldError;
    state.heldError = undefined;
    if (error !== undefined || state.closed || state.ended) {
      done = true;
      return;
    }
    if (always) emitter.on(type, onItem);
    emitter.on('error', onError);
    emitter.on('end', finish);
    emitter.on('close', finish);
  }

  return {
    next() {
      if (!started) start();
      return new Promise((resolve, reject) => {
        const next = { resolve, reject };
        if (items.length > 0) resolve({ value: items.shift(), done: false });
        else if (done) settle(next);
        else if (waiting.push(next) === 1 && !always) emitter.on(type, onItem);
      });
    },
    return(value) {
      if (!started) done = true;
      finish();
      // An error that came during the last iteration.
      if (error !== undefined) state.heldError = error;
      error = undefined;
      for (const item of items.splice(0)) discard(item);
      return Promise.resolve({ value, done: true });
    },
    throw(err) {
      finish();
      return Promise.reject(err);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

const ignore = () => {};
/** @type {Source} */
const datagrams = {
  type: 'data',
  toItem: (data, path, info) => ({ data, path, info }),
  always: false,
  discard: ignore,
  bytes: false,
};
/** @type {Source} */
const messages = { type: 'data', toItem: (data) => data, always: false, discard: ignore, bytes: true };
/** @type {Source} */
const connections = {
  type: 'connection',
  toItem: (socket) => socket,
  always: true,
  discard: (socket) => socket.destroy(),
  bytes: false,
};

module.exports = { connections, datagrams, iterate, messages };
