'use strict';
// Compiles shim.c, runs the injections of a system call in a child process and checks the results.

const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { errno } = os.constants;
const { AFTERMATH, CALLS, CONGESTED } = require('./calls');

/** The descriptor number that controls shim.c. No descriptor has it. */
const CONTROL = 100000;
const FOREVER = 2 ** 30;
/** Errors that the kernel does not return for every call, because it has reported readiness. */
const NEVER_LASTS = ['EAGAIN', 'ECONNABORTED', 'EINTR'];
/** The maximum number of 'error' events. */
const MAX_EVENTS = 100;
/** The maximum CPU time of a scenario in milliseconds. A busy loop exceeds it. */
const MAX_CPU = 600;

function buildShim(folder) {
  const shim = path.join(folder, 'shim.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, path.join(__dirname, 'shim.c'), '-ldl']);
  return shim;
}

/** The injections of a call: each error at the 1st, 2nd and 5th call, and at every call; EINTR at single calls only. */
function injections(call, { positions = [1, 2, 5], lasting = true, errors = Infinity } = {}) {
  const list = [];
  const { errors: documented, uninterrupted } = CALLS[call];
  for (const code of [...documented.slice(0, errors), ...(uninterrupted ? [] : ['EINTR'])]) {
    for (const first of positions) list.push({ call, code, errno: errno[code], first, last: first });
    if (lasting && !NEVER_LASTS.includes(code)) list.push({ call, code, errno: errno[code], first: 1, last: FOREVER });
  }
  return list;
}

/** Runs injections in one child process. Resolves to their results, with `ended` if the process has ended. */
async function run(shim, list) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-'));
  const preload = [process.env.LD_PRELOAD, shim].filter(Boolean).join(':'); // a sanitizer has to come first
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

/** The faults of a result, as texts. */
function faults(result) {
  const { call, code, ended, uncaught, alive, leaked, miscalled, closes, left, kept, cpuMs, events } = result;
  if (ended) return [`the process ended: ${ended}`];
  const wrong = [...uncaught];
  if (!alive) wrong.push('other sockets stopped working');
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
  if (strange.length > 0) wrong.push(`other errors were reported: ${strange}`);
  const single = first === last;
  const invisible = code === 'EINTR' || (CONGESTED.includes(code) && single && !noticed.includes(code));
  if (invisible && told.length > 0) wrong.push(`must not be reported: ${told}`);
  if (invisible && lost !== 0) wrong.push(`${lost} messages lost`);
  if (!invisible && !quiet && told.length === 0) wrong.push('no error was reported');
  if (lost > 0 && events === 0) wrong.push(`${lost} messages lost, and no error event`);
  if (lost < 0) wrong.push(`${-lost} messages that were reported as failed arrived`);
  return wrong;
}

module.exports = { FOREVER, buildShim, faults, injections, run };
