'use strict';

const { fail } = require('./close');
const { aborted } = require('./errors');
const { nextTick } = require('./timers');

/**
 * Calls `act` when `signal` is aborted, on the next tick if it is aborted already. Throws what the signal's
 * addEventListener throws.
 * @param {any} signal
 * @param {() => void} act
 * @returns {() => void} removes the listener
 */
function onAbort(signal, act) {
  let removed = false;
  let added = false;
  const actUnlessRemoved = () => {
    if (!removed) act();
  };
  function listener() {
    // A signal of the user's own class may call back before its addEventListener returns, when the state is not set up yet.
    if (added) actUnlessRemoved();
    else nextTick(actUnlessRemoved);
  }
  if (signal.aborted) nextTick(actUnlessRemoved);
  else signal.addEventListener('abort', listener, { once: true });
  added = true;
  return () => {
    removed = true;
    if (signal.removeEventListener) signal.removeEventListener('abort', listener);
  };
}

/** Closes a socket with an AbortError when `signal` is aborted. @type {(state: any, signal: any) => () => void} */
function destroyOnAbort(state, signal) {
  return onAbort(signal, () => fail(state, aborted(signal.reason)));
}

/** Closes a server when `signal` is aborted. @type {(state: any, signal: any) => () => void} */
function closeOnAbort(state, signal) {
  return onAbort(signal, () => state.kind.close(state));
}

module.exports = { closeOnAbort, destroyOnAbort };
