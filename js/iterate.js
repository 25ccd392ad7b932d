'use strict';
// Async iterators. A 'data' listener is there only while next() waits: in between the socket's reading rule holds
// messages back, in the kernel, so that nothing is lost and a slow consumer slows the sender.

const { bytesOnly } = require('./receiving');

/**
 * @param {any} emitter
 * @param {any} core
 * @param {string} type the event that brings items
 * @param {(...args: any[]) => any} toItem
 * @param {boolean} always whether the listener stays between calls of next()
 * @param {(item: any) => void} discard what to do with items nobody took
 * @param {boolean} bytes whether items are the bytes of messages alone
 * @returns {AsyncIterableIterator<any>}
 */
function iterate(emitter, core, type, toItem, always, discard, bytes) {
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
    if (core.closeEmitted || core.closed || core.ended) {
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

/** @param {any} emitter @param {any} core */
function iterateDatagrams(emitter, core) {
  return iterate(
    emitter,
    core,
    'data',
    (data, path, info) => ({ data, path, info }),
    false,
    () => {},
    false,
  );
}

/** @param {any} emitter @param {any} core */
function iterateMessages(emitter, core) {
  return iterate(
    emitter,
    core,
    'data',
    (data) => data,
    false,
    () => {},
    true,
  );
}

/** Connections that nobody took are closed. @param {any} emitter @param {any} core */
function iterateConnections(emitter, core) {
  const discard = (/** @type {any} */ socket) => socket.destroy();
  return iterate(emitter, core, 'connection', (socket) => socket, true, discard, false);
}

module.exports = { iterateConnections, iterateDatagrams, iterateMessages };
