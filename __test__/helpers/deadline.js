'use strict';

/** How many times as long things take as on a machine of our own: TEST_SLOWNESS=n, as scripts/test/sanitize.js sets it. */
exports.slowness = Number(process.env.TEST_SLOWNESS) || 1;

/** Milliseconds a test may take; generous, for slow and busy machines. Give it to test() as `{ timeout: deadline }`. */
exports.deadline = 20000 * exports.slowness;
