'use strict';

/** Notes of what ran when: event i, then its tick and its microtask, before the next event. */

/** Notes event i, and queues a note as a tick and one as a microtask. */
function noteWithQueues(log, i) {
  log.push(`event ${i}`);
  process.nextTick(() => log.push(`tick ${i}`));
  Promise.resolve().then(() => log.push(`microtask ${i}`));
}

/** The notes of n events in the order in which Node's own emitters would bring them. */
const orderly = (n) => Array.from({ length: n }, (_, i) => [`event ${i}`, `tick ${i}`, `microtask ${i}`]).flat();

module.exports = { noteWithQueues, orderly };
