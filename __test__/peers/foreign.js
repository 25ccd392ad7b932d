'use strict';

/** What the tests with foreign programs share: telling clearly when one is missing, and running the examples. */

const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { NOT_RUN, which } = require('../../examples/lib/example');
const { deadline } = require('../helpers');
const { start } = require('../helpers/processes');

/** A missing program leaves a test aside, with the reason. With REQUIRE_PEERS set, as .ci/run sets it, it fails it. */
function notRun(t, reason) {
  assert.ok(!process.env.REQUIRE_PEERS, reason);
  t.skip(reason);
}

/** A test that talks to a program. */
function testWith(program, name, body) {
  test(name, { timeout: deadline }, (t) =>
    which(program) ? body(t) : notRun(t, `${program} is missing (scripts/install-peers.sh installs it)`),
  );
}

/** A test that runs an example as a user would; it must succeed and say each of the lines. */
function testExample(name, lines) {
  // It ends by itself, successful or not, after 30 s at most, and then takes its programs with it.
  test(`examples/${name} runs`, { timeout: 40000 }, async (t) => {
    const child = start(t, process.execPath, [path.join(__dirname, '../../examples', name)]);
    const { code, signal, stdout, stderr } = await child.done;
    if (code === NOT_RUN) return notRun(t, stdout.trim());
    assert.deepStrictEqual({ code, signal }, { code: 0, signal: null }, `${stdout}\n${stderr}`);
    for (const line of lines) assert.match(stdout, line);
  });
}

module.exports = { notRun, testWith, testExample };
