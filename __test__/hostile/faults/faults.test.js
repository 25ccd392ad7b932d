'use strict';
// A part of `npm run test:faults`: two errors of each system call. docs/faults.md has all of them.

const test = require('node:test');
const assert = require('node:assert');
const { deadline, tmp } = require('../../helpers');
const { CALLS } = require('./calls');
const { buildShim, faults, injections, run } = require('./inject');

test('a system call that fails has only the documented consequences', { timeout: 6 * deadline }, async (t) => {
  const shim = buildShim(tmp(t));
  for (const call of Object.keys(CALLS)) {
    await t.test(call, async () => {
      const list = injections(call, { positions: [2], lasting: false, errors: 2 });
      const results = await run(shim, list);
      for (const result of results) {
        assert.deepStrictEqual(faults(result), [], `${call} fails with ${result.code}: ${JSON.stringify(result)}`);
      }
    });
  }
});
