'use strict';

/** The environment variable TEST_SLOWNESS multiplies time limits; scripts/test/sanitize.js sets it. */
exports.slowness = Number(process.env.TEST_SLOWNESS) || 1;

/** The time limit of a test in milliseconds, long enough for slow and busy machines: `{ timeout: deadline }`. */
exports.deadline = 20000 * exports.slowness;
