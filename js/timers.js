'use strict';
// Timers, ticks and a monotonic clock, taken when the library is loaded. Test runners replace the global functions by fake
// ones, and some environments (jsdom) have no setImmediate.

const { clearTimeout, setImmediate, setTimeout } = require('timers');

/** Whether this file runs in the main context, in which the functions of Node.js were made. */
const inMainContext = Object.getPrototypeOf(setImmediate) === Function.prototype;

/**
 * Functions of the process object of Node.js. Jest loads modules in a context of its own, with a copy of this object whose
 * nextTick is a fake one if fake timers are in use when the library is loaded. The module vm is loaded only there, because
 * loading it and running a script take a tenth of the time of require().
 */
const { hrtime, nextTick } = inMainContext ? process : require('vm').runInThisContext('process');

/**
 * Milliseconds of a clock that is not affected by changes of the system's time. Not performance.now(), because loading
 * perf_hooks takes a seventh of the time of require().
 */
function now() {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

module.exports = { clearTimeout, nextTick, now, setImmediate, setTimeout };
