'use strict';
// Timers, ticks and a monotonic clock, taken when the library is loaded. Test runners replace the global functions by fake
// ones, and some environments (jsdom) have no setImmediate.

const { performance } = require('perf_hooks');
const { clearTimeout, setImmediate, setTimeout } = require('timers');
const { nextTick } = process;

/** @returns {number} milliseconds; not affected by changes of the system's time */
function now() {
  return performance.now();
}

module.exports = { clearTimeout, nextTick, now, setImmediate, setTimeout };
