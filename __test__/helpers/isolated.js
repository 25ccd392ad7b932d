'use strict';

/**
 * isolated(name, body): a test whose body runs in a separate process, so that a signal, an exit or a blocked event loop
 * does not affect other tests, and descriptors and listeners are not shared. The child process loads the same test file
 * and runs only the body of this name. The body must complete without an error, and then the process must exit because
 * no socket is open. A file with isolated tests has no other tests, because those would run in each child process.
 *
 * The body gets `t` with `after`, the only part of the test context that the helpers use.
 */
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { deadline, runChild } = require('.');

const CHOSEN = 'NODE_UNIX_SOCKET_ISOLATED';
/** The exit code if the event loop ends before the body has completed. */
const UNFINISHED = 99;

async function runBody(body) {
  const cleanups = [];
  process.exitCode = UNFINISHED;
  try {
    await body({ after: (fn) => cleanups.push(fn) });
    for (const fn of cleanups.reverse()) await fn();
    process.exitCode = 0;
  } catch (err) {
    fs.writeSync(2, `${err?.stack}\n`); // an 'uncaughtException' listener of the body would get a thrown error
    process.exit(1);
  }
}

function explain({ code, stderr, timedOut }) {
  if (timedOut) return 'timeout';
  if (code === UNFINISHED) return 'the event loop ended before the body had completed';
  return stderr;
}

function isolated(name, body) {
  const chosen = process.env[CHOSEN];
  if (chosen !== undefined) {
    if (chosen === name) runBody(body);
    return;
  }
  test(name, { timeout: deadline }, async (t) => {
    const timeout = Number(process.env.NODE_UNIX_SOCKET_ISOLATED_TIMEOUT) || deadline - 1000;
    const load = `require(${JSON.stringify(require.main.filename)})`;
    const result = await runChild(t, load, { env: { [CHOSEN]: name }, timeout });
    const { code, signal } = result;
    if (code !== 0 || signal) assert.fail(`${signal || `code ${code}`}: ${explain(result)}`);
  });
}

module.exports = { isolated };
