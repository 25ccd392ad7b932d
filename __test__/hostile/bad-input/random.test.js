'use strict';
// Random arguments for a few seconds, after those of fuzz/corpus/arguments. `npm run test:fuzz -- --minutes N arguments`
// runs more of them.

const test = require('node:test');
const assert = require('node:assert');
const { runProperty } = require('../../property/child');

test('2,000 random cases, and earlier failures, have no effect but errors with a code', {
  timeout: 60000,
}, async (t) => {
  const { failed, text } = await runProperty({ name: 'arguments', runs: 2000 });
  assert.ok(!failed, text);
  t.diagnostic(text);
});

test('a planted fault is reported', { timeout: 60000 }, async () => {
  const env = { PROPERTY_PLANTED: '1', PROPERTY_SHRINK: '0' };
  const { failed, text } = await runProperty({ name: 'arguments', runs: 2000, env });
  assert.ok(failed && /setRecvBufferSize/.test(text), text);
});
