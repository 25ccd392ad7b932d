'use strict';
// Random sequences of calls on several sockets behave as the model in end.js. `npm run test:property -- --runs N` runs
// more of them.

const test = require('node:test');
const assert = require('node:assert');
const { runProperty } = require('./child');

test('2,000 random sequences behave as the model', { timeout: 120000 }, async (t) => {
  const { failed, text } = await runProperty({ runs: 2000 });
  assert.ok(!failed, text);
  t.diagnostic(text);
});
