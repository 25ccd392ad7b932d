'use strict';
// Timers, ticks and a monotonic clock, taken when the library is loaded. Test runners replace the global functions by fake
// ones, and some environments (jsdom) have no setImmediate.

const { performance } = require('perf_hooks');
const { clearTimeout, setImmediate, setTimeout } = require('timers');
const { runInThisContext } = require('vm');

/**
 * The process object of Node.js. Jest loads modules in a context of its own, with a copy of this object whose nextTick is
 * a fake one if fake timers are in use when the library is loaded.
 */
const { nextTick } = runInThisContext('process');

/** @type {() => number} milliseconds; not affected by changes of the system's time */
const now = performance.now.bind(performance);

module.exports = { clearTimeout, nextTick, now, setImmediate, setTimeout };
