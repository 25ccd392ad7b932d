'use strict';
// npm run test:stress [-- COUNT] [files]. Runs the suite COUNT times (50), every fifth time twice at once, so that tests
// cannot depend on an idle machine. Stops at the first failure and prints it.

const { spawn } = require('child_process');
const os = require('os');
const root = require('../lib/root');
const { testArguments } = require('../lib/test-files');

const PARALLEL_EVERY = 5;

function suite(args) {
  return new Promise((resolve, reject) => {
    const node = spawn(process.execPath, testArguments([`--test-concurrency=${os.cpus().length}`, ...args]), {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = [];
    for (const stream of [node.stdout, node.stderr]) stream.on('data', (chunk) => output.push(chunk));
    node.on('error', reject);
    node.on('close', (code) => resolve({ failed: code !== 0, output: Buffer.concat(output).toString() }));
  });
}

async function main() {
  const args = process.argv.slice(2);
  const rounds = /^\d+$/.test(args[0]) ? Number(args.shift()) : 50;
  for (let round = 1; round <= rounds; round++) {
    const started = Date.now();
    const parallel = round % PARALLEL_EVERY === 0 ? 2 : 1;
    const results = await Promise.all(Array.from({ length: parallel }, () => suite(args)));
    const failed = results.find((result) => result.failed);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(
      `round ${round}/${rounds}${parallel > 1 ? ' (two at once)' : ''}: ${failed ? 'FAILED' : 'ok'} in ${seconds} s`,
    );
    if (failed) {
      console.log(failed.output);
      process.exitCode = 1;
      return;
    }
  }
}

main();
