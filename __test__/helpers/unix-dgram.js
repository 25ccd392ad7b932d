'use strict';

/** The real unix-dgram, whose native part has to be compiled and does not everywhere. */
const { test } = require('node:test');

function real() {
  try {
    return require('unix-dgram');
  } catch (err) {
    if (process.env.REQUIRE_PEERS) throw err;
    return null;
  }
}

/** A test that needs it: left aside, with the reason, where it did not compile; .ci/run makes that a failure. */
function testsUnixDgram(name, options, body) {
  test(name, options, (t) => {
    const theirs = real();
    return theirs ? body(t, theirs) : t.skip('unix-dgram did not compile here');
  });
}

module.exports = { testsUnixDgram };
