'use strict';

/** `npm start`: three jobs with several processes. Prints counts and rates. Exits with 1 if a message or connection was lost. */

const fs = require('fs');
const os = require('os');
const path = require('path');
const { endAll } = require('./roles');
const requestReply = require('./request-reply');
const slowReader = require('./slow-reader');
const sharedPort = require('./shared-port');

const DEADLINE = 120000;

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

  console.log('node-unix-socket, three jobs');
  const problems = [];
  for (const job of [requestReply, slowReader, sharedPort]) {
    problems.push(...(await job(dir).catch((err) => [err.message])));
    endAll();
  }
  console.log(problems.length === 0 ? '\nNothing was lost.' : `\nFAILED: ${problems.join('; ')}`);
  process.exit(problems.length === 0 ? 0 : 1);
}

main();
