'use strict';

const { fail } = require('./close');
const { aborted } = require('./errors');
const { nextTick } = require('./timers');

/**
 * Closes a socket or server with an AbortError when `signal` is aborted, on the next tick if it is aborted already.
 * Throws what the signal's addEventListener throws.
 * @param {any} state
 * @param {any} signal
 * @returns {() => void} removes the listener
 */
function destroyOnAbort(state, signal) {
  const abort = () => fail(state, aborted(signal.reason));
  let added = false;
  function onAbort() {
    // A signal of the user's own class may call back before its addEventListener returns, when `state` is not set up yet.
    if (added) abort();
    else nextTick(abort);
  }
  if (signal.aborted) nextTick(abort);
  else signal.addEventListener('abort', onAbort, { once: true });
  added = true;
  return () => {
    if (signal.removeEventListener) signal.removeEventListener('abort', onAbort);
  };
}

module.exports = { destroyOnAbort };
