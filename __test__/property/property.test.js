'use strict';
// Random sequences of calls on several sockets at once keep the model's accounts: see end.js. The long form is
// `npm run test:property -- --runs N`.

const test = require('node:test');
const assert = require('node:assert');
const { runProperty } = require('./child');

test('two thousand random sequences', { timeout: 120000 }, async (t) => {
  const { failed, text } = await runProperty({ runs: 2000 });
  assert.ok(!failed, text);
  t.diagnostic(text);
});
