'use strict';
// Functions for all tests. Folders and processes that a test creates are removed when it ends, also after a failure.

const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { python, runChild, socat } = require('./processes');
const { deadline } = require('./deadline');

/** A new folder with a short path, so that socket paths fit into sun_path. */
function tmp(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A path for a socket in a new folder. */
function sockPath(t, name = 's') {
  return path.join(tmp(t), name);
}

/** The number of open descriptors of this process, including the one that reads the list. */
function openFds() {
  return fs.readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').length;
}

/** The arguments of the next n emissions of an event. Rejects on 'error', unless that is the event. */
function collect(emitter, event, n) {
  return new Promise((resolve, reject) => {
    const got = [];
    const finish = (settle, value) => {
      emitter.removeListener(event, onEvent);
      if (event !== 'error') emitter.removeListener('error', onError);
      settle(value);
    };
    const onEvent = (...args) => {
      if (got.push(args) === n) finish(resolve, got);
    };
    const onError = (err) => finish(reject, err);
    if (n === 0) return resolve(got);
    if (event !== 'error') emitter.on('error', onError);
    emitter.on(event, onEvent);
  });
}

/** Waits until fn returns true. For state outside of this process; await an event for state of this process. */
async function eventually(fn, what = fn.toString()) {
  const end = Date.now() + deadline;
  for (let turn = 0; ; turn++) {
    const value = await fn();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not true after ${deadline} ms: ${what}`);
    await (turn < 10 ? new Promise(setImmediate) : sleep(5));
  }
}

module.exports = { tmp, sockPath, deadline, runChild, openFds, once, collect, eventually, python, socat };
