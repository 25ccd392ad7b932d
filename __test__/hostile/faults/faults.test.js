'use strict';
// Part of `npm run test:faults`: some errors of each call. The whole is in docs/faults.md.

const test = require('node:test');
const assert = require('node:assert');
const { deadline, tmp } = require('../../helpers');
const { CALLS } = require('./calls');
const { buildShim, faults, injections, run } = require('./inject');

test('system calls that fail', { timeout: 6 * deadline }, async (t) => {
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
