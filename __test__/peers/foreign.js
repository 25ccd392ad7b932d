'use strict';

/** Tests that need another program, and tests that run the examples. */

const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { NOT_RUN, which } = require('../../examples/lib/example');
const { deadline } = require('../helpers');
const { start } = require('../helpers/processes');

/** Skips a test because of a missing program, or fails if REQUIRE_PEERS is set, as in .ci/run. */
function notRun(t, reason) {
  assert.ok(!process.env.REQUIRE_PEERS, reason);
  t.skip(reason);
}

/** A test that needs a program. */
function testWith(program, name, body) {
  test(name, { timeout: deadline }, (t) =>
    which(program) ? body(t) : notRun(t, `${program} is missing (scripts/test/install-peers.sh installs it)`),
  );
}

/** A test that runs an example, which must succeed and print each of the lines. */
function testExample(name, lines) {
  // An example ends after 30 s at most and ends its child processes.
  test(`examples/${name} succeeds and prints its lines`, { timeout: 40000 }, async (t) => {
    const child = start(t, process.execPath, [path.join(__dirname, '../../examples', name)]);
    const { code, signal, stdout, stderr } = await child.done;
    if (code === NOT_RUN) return notRun(t, stdout.trim());
    assert.deepStrictEqual({ code, signal }, { code: 0, signal: null }, `${stdout}\n${stderr}`);
    for (const line of lines) assert.match(stdout, line);
  });
}

module.exports = { notRun, testWith, testExample };
