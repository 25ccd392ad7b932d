'use strict';
// npm run test:faults [-- CALL ...]: makes every system call fail with every documented error and writes docs/faults.md.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const root = require('../lib/root');
const { CALLS } = require('../../__test__/hostile/faults/calls');
const { FOREVER, buildShim, faults, injections, run } = require('../../__test__/hostile/faults/inject');

const HEAD = `# System calls that fail

Written by \`npm run test:faults\`: one system call of the library fails at its 1st, 2nd or 5th call, or at every call,
during traffic on sockets of every class. In every row the process survived, other sockets continued, each callback ran
once, no descriptor leaked, a failed call left no file, and there was no busy loop. EINTR and a single EAGAIN are not
reported. "inet:" is the prefix of calls on the sockets of createReuseportFd and listenReuseport.

| call | error | which call | reported errors | messages sent, received, reported as failed |
| --- | --- | --- | --- | --- |
`;

function row({ call, code, first, last, failed, told, sent, received, failures }) {
  if (!failed) return '';
  const which = last === FOREVER ? 'every' : String(first);
  return `| ${call} | ${code} | ${which} | ${told.sort().join(', ') || 'nothing'} | ${sent}, ${received}, ${failures} |\n`;
}

async function main(names) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-'));
  const shim = buildShim(folder);
  const all = [];
  for (const call of names.length > 0 ? names : Object.keys(CALLS)) {
    const results = await run(shim, injections(call));
    all.push(...results);
    const bad = results.map((result) => ({ result, wrong: faults(result) })).filter(({ wrong }) => wrong.length > 0);
    const injected = results.filter(({ failed }) => failed > 0).length;
    console.log(`${call}: ${injected} injected, ${bad.length} wrong`);
    if (injected === 0) process.exitCode = 1; // the library does not make this call, or uses another symbol
    for (const { result, wrong } of bad) {
      process.exitCode = 1;
      const { code, first, last } = result;
      console.log(`  ${code} at ${first}${last === FOREVER ? ' and on' : ''}: ${wrong.join('; ')}`);
    }
  }
  fs.rmSync(folder, { recursive: true });
  if (names.length === 0) {
    fs.writeFileSync(path.join(root, 'docs', 'faults.md'), HEAD + all.map(row).join(''));
  }
  const calls = all.reduce((sum, { failed }) => sum + (failed || 0), 0);
  console.log(`${all.filter(({ failed }) => failed > 0).length} runs, ${calls} calls failed`);
}

main(process.argv.slice(2));
