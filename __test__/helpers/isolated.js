'use strict';

/**
 * isolated(name, body): a test whose body runs in a process of its own, so that no signal, exit or full stop of the
 * event loop there ends the other tests, and its descriptors and listeners are its own. The child loads the same test
 * file again and runs the body of that name only. It must come to its end, find nothing to complain of, and then exit
 * by itself, with no socket left open. A file that has isolated tests has no others: they would run in each child.
 *
 * The body gets `t` with `after`, as much of node:test's context as the other helpers need.
 */
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { deadline, runChild } = require('.');

const CHOSEN = 'NODE_UNIX_SOCKET_ISOLATED';
/** An event loop that runs empty before the body is done must not look like success. */
const UNFINISHED = 99;

async function runBody(body) {
  const cleanups = [];
  process.exitCode = UNFINISHED;
  try {
    await body({ after: (fn) => cleanups.push(fn) });
    for (const fn of cleanups.reverse()) await fn();
    process.exitCode = 0;
  } catch (err) {
    fs.writeSync(2, `${err?.stack}\n`); // thrown on, it would reach a body's own 'uncaughtException' listener
    process.exit(1);
  }
}

function explain({ code, stderr, timedOut }) {
  if (timedOut) return 'no end in time';
  if (code === UNFINISHED) return 'the event loop ran empty before the body was done';
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
