'use strict';

/**
 * Milliseconds a test may take; generous, for slow and busy machines. Give it to test() as `{ timeout: deadline }`.
 * TEST_SLOWNESS=n gives n times as long: scripts/sanitize.js does.
 */
exports.deadline = 20000 * (Number(process.env.TEST_SLOWNESS) || 1);
