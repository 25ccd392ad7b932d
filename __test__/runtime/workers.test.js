'use strict';
// Workers and processes that end during traffic: one after the other and at once, nested, with the addon loaded twice.
// `npm run test:workers` (WORKERS_LONG=1) runs more of them.

const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { start } = require('../helpers/processes');

const long = process.env.WORKERS_LONG === '1';
const timeout = long ? 600000 : 120000;
const node = (t, file, args) =>
  start(t, process.execPath, [path.join(__dirname, '..', 'fixtures', 'workers', file), ...args.map(String)]).done;

const [turns, atOnce, exits] = long ? [200, 16, 20] : [15, 5, 2];

test(`${turns} workers one after the other and ${atOnce} at once end without leaks; the main thread continues`, {
  timeout,
}, async (t) => {
  const { code, signal, stdout, stderr } = await node(t, 'child.js', [turns, atOnce]);
  assert.deepStrictEqual([code, signal], [0, null], stderr);
  const { leaked, alive, grown } = JSON.parse(stdout);
  t.diagnostic(stdout.trim());
  assert.ok(leaked <= 0, `${leaked} descriptors leaked`);
  assert.ok(alive, 'the sockets of the main thread stopped');
  assert.ok(grown < 200, `memory grew by ${grown} MiB`);
});

/** Way to end -> exit code or signal. */
const ENDS = { exit: 0, throw: 1, reject: 1, callback: 0, term: 'SIGTERM' };

for (const [how, expected] of Object.entries(ENDS)) {
  test(`a process that ends by ${how} during traffic has the right exit code or signal, ${exits} times`, {
    timeout,
  }, async (t) => {
    for (let i = 0; i < exits; i++) {
      const ms = Math.random() * 50;
      const { code, signal, stderr } = await node(t, 'exits.js', [how, ms]);
      assert.strictEqual(signal || code, expected, `after ${ms} ms: ${stderr}`);
    }
  });
}
