'use strict';

/** unix-dgram itself, whose addon does not compile on every platform. */
const { test } = require('node:test');

function real() {
  try {
    return require('unix-dgram');
  } catch (err) {
    if (process.env.REQUIRE_PEERS) throw err;
    return null;
  }
}

/** A test that needs unix-dgram. Skipped if it did not compile; in .ci/run that is a failure. */
function testsUnixDgram(name, options, body) {
  test(name, options, (t) => {
    const theirs = real();
    return theirs ? body(t, theirs) : t.skip('unix-dgram did not compile');
  });
}

module.exports = { testsUnixDgram };
