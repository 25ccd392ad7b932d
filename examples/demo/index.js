'use strict';

/** `npm start`: three jobs with several processes. Prints counts and rates. Exits with 1 if a message or connection was lost. */

const fs = require('fs');
const os = require('os');
const path = require('path');
const { endAll } = require('./roles');
const { line } = require('./terminal');
const requestReply = require('./request-reply');
const slowReader = require('./slow-reader');
const sharedPort = require('./shared-port');

const DEADLINE = 120000;
const jobs = [requestReply, slowReader, sharedPort];

const NEXT = [
  ['examples/README.md', 'programs to copy from: syslog, journald, systemd, nginx, DogStatsD, descriptors'],
  ['node examples/descriptors', 'open files and identities passed to a python3 program and back'],
  ['node examples/graceful-reload', 'workers of one port replaced under load, without a failed request'],
  ['node examples/fan-out', 'one publisher; a subscriber that is slow, stopped or killed delays no other'],
  ['docs/guides', 'a guide for each class, congestion, errors, systemd, clusters, migration'],
  ['npm run docs', 'the guides and index.d.ts as a site with search: build/docs/index.html'],
  ['npm run bench -- --quick', 'the speed compared with node:net, node:dgram, unix-dgram, 0.2.7 and C, in 3 minutes'],
];

async function main() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'demo-'));
  process.once('exit', () => {
    endAll();
    for (const name of fs.readdirSync(dir)) fs.unlinkSync(path.join(dir, name));
    fs.rmdirSync(dir);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  setTimeout(() => {
    console.error(`\nnot done after ${DEADLINE / 1000} s`);
    process.exit(1);
  }, DEADLINE).unref();

  console.log('Three jobs for node-unix-socket, and why plain Node.js is not enough:');
  jobs.forEach(({ why }, i) => {
    console.log(`${i + 1}  ${why}`);
  });

  const problems = [];
  for (const [i, { title, setting, run, shown }] of jobs.entries()) {
    console.log(`\n${i + 1}  ${title}`);
    line(setting);
    const found = await run(dir).catch((err) => [err.message]);
    endAll();
    if (found.length === 0) shown.forEach(line);
    problems.push(...found);
  }

  if (problems.length > 0) {
    console.log(`\nFAILED: ${problems.join('; ')}`);
    process.exit(1);
  }
  console.log('\nNothing was lost. What to try next:');
  for (const [what, about] of NEXT) line(`${what.padEnd(30)} ${about}`);
  process.exit(0);
}

main();
