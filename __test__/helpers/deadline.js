'use strict';

/** Milliseconds a test may take; generous, for slow and busy machines. Give it to test() as `{ timeout: deadline }`. */
exports.deadline = 20000;
