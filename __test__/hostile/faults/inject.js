'use strict';
// Builds the shim, runs the injections of one call after another in a child of its own, and judges what came out.

const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { errno } = os.constants;
const { AFTERMATH, CALLS, CONGESTED } = require('./calls');

/** A number no descriptor has. */
const CONTROL = 100000;
const FOREVER = 2 ** 30;
/** Each call in turn would be another's answer: the kernel that reports readiness does not give them for ever. */
const NEVER_LASTS = ['EAGAIN', 'ECONNABORTED', 'EINTR'];
/** More 'error' events than that are a flood. */
const MAX_EVENTS = 100;
/** Milliseconds of processor time a scenario may take, its waits of the clock included; a spin takes all of them. */
const MAX_CPU = 600;

function buildShim(folder) {
  const shim = path.join(folder, 'shim.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, path.join(__dirname, 'shim.c'), '-ldl']);
  return shim;
}

/** The injections of a call: each error at its 1st, 2nd and 5th call, and from the 1st on; EINTR at single calls only. */
function injections(call, { positions = [1, 2, 5], lasting = true, errors = Infinity } = {}) {
  const list = [];
  const { errors: documented, uninterrupted } = CALLS[call];
  for (const code of [...documented.slice(0, errors), ...(uninterrupted ? [] : ['EINTR'])]) {
    for (const first of positions) list.push({ call, code, errno: errno[code], first, last: first });
    if (lasting && !NEVER_LASTS.includes(code)) list.push({ call, code, errno: errno[code], first: 1, last: FOREVER });
  }
  return list;
}

/** Runs them in one child; resolves to a result each, an `ended` one where the child did not live. */
async function run(shim, list) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-'));
  const preload = [process.env.LD_PRELOAD, shim].filter(Boolean).join(':'); // a sanitizer has to be the first
  const env = { ...process.env, LD_PRELOAD: preload, FAULT_FD: String(CONTROL) };
  delete env.NODE_TEST_CONTEXT;
  const child = spawn(process.execPath, [path.join(__dirname, 'child.js'), folder], { env });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal || `code ${code}`)));
  const results = [];
  child.stdin.on('error', () => {});
  child.stdin.end(list.map((injection) => `${JSON.stringify(injection)}\n`).join(''));
  for await (const line of createInterface({ input: child.stdout })) results.push(JSON.parse(line));
  const how = await ended;
  fs.rmSync(folder, { recursive: true });
  return list.map((injection, i) => ({
    ...injection,
    ...(results[i] || { ended: i === results.length ? `${how} ${stderr}` : 'not run' }),
  }));
}

/** What is wrong with a result; empty where nothing is. */
function faults(result) {
  const { call, code, ended, uncaught, alive, leaked, miscalled, closes, left, kept, cpuMs, events } = result;
  if (ended) return [`the process ended: ${ended}`];
  const wrong = [...uncaught];
  if (!alive) wrong.push('other sockets do not work any more');
  if (leaked > 0) wrong.push(`${leaked} descriptors leaked`);
  if (cpuMs > MAX_CPU) wrong.push(`${Math.round(cpuMs)} ms of processor time`);
  if (uncaught.length > 0) return wrong;
  if (events > MAX_EVENTS) wrong.push(`${events} error events`);
  if (miscalled.length > 0) wrong.push(`callbacks not called once: ${miscalled.slice(0, 3)}`);
  if (left.length > 0) wrong.push(`a failure left: ${left}`);
  if (kept.length > 0 && !CALLS[call].keeps) wrong.push(`a close left: ${kept}`);
  if (closes > 0) wrong.push(`${closes} sockets never emitted 'close'`);
  return wrong.concat(wrongOutcome(result, CALLS[call], code));
}

function wrongOutcome(
  { failed, told, sent, received, failures, events, first, last },
  { quiet, follows = [], noticed = [] },
  code,
) {
  if (failed === 0) return [];
  const wrong = [];
  const lost = sent - received - failures;
  const codes = told.map((text) => text.split(' ').pop());
  const strange = codes.filter((other) => other !== code && !AFTERMATH.includes(other) && !follows.includes(other));
  if (strange.length > 0) wrong.push(`other errors were told: ${strange}`);
  const single = first === last;
  const invisible = code === 'EINTR' || (CONGESTED.includes(code) && single && !noticed.includes(code));
  if (invisible && told.length > 0) wrong.push(`must not be noticed: ${told}`);
  if (invisible && lost !== 0) wrong.push(`${lost} messages lost`);
  if (!invisible && !quiet && told.length === 0) wrong.push('nothing was told');
  if (lost > 0 && events === 0) wrong.push(`${lost} messages lost, and no error event`);
  if (lost < 0) wrong.push(`${-lost} messages told as failed arrived`);
  return wrong;
}

module.exports = { FOREVER, buildShim, faults, injections, run };
