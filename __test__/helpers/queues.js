'use strict';

/** Records the order of events, nextTick callbacks and microtasks. */

/** Records event i, a nextTick callback and a microtask. */
function noteWithQueues(log, i) {
  log.push(`event ${i}`);
  process.nextTick(() => log.push(`tick ${i}`));
  Promise.resolve().then(() => log.push(`microtask ${i}`));
}

/** The records of n events in the order in which Node.js runs them. */
const orderly = (n) => Array.from({ length: n }, (_, i) => [`event ${i}`, `tick ${i}`, `microtask ${i}`]).flat();

module.exports = { noteWithQueues, orderly };
