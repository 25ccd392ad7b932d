'use strict';
// What the tests share. Everything a test makes (folders, processes) goes when the test ends, whatever its outcome.

const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { python, runChild, socat } = require('./processes');
const { deadline } = require('./deadline');

/** A fresh folder; its path is short, so that socket paths fit sun_path. */
function tmp(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A path for a socket, in a folder of its own. */
function sockPath(t, name = 's') {
  return path.join(tmp(t), name);
}

/** How many descriptors this process has open (one more for reading the list, the same each time). */
function openFds() {
  return fs.readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').length;
}

/** The arguments of the next n emissions of an event; fails on 'error' unless that is the event. */
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

/** Waits for state outside this process (files, other processes); anything inside has an event to await. */
async function eventually(fn, what = fn.toString()) {
  const end = Date.now() + deadline;
  for (let turn = 0; ; turn++) {
    const value = await fn();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${deadline} ms in vain for: ${what}`);
    await (turn < 10 ? new Promise(setImmediate) : sleep(5));
  }
}

module.exports = { tmp, sockPath, deadline, runChild, openFds, once, collect, eventually, python, socat };
