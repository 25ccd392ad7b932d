'use strict';
// node __test__/property/run.js RUNS SEED [PATH]: random sequences, one after another. Prints one JSON line; the last
// sequence begun is in the file PROPERTY_JOURNAL names, for when the process does not live to tell.

const fs = require('node:fs');
const fc = require('fast-check');
const { runSequence } = require('./world');
const { sequence } = require('./sequences');

async function main([runs, seed, path]) {
  const journal = process.env.PROPERTY_JOURNAL;
  const property = fc.asyncProperty(sequence, async (value) => {
    if (journal) fs.writeFileSync(journal, fc.stringify(value));
    await runSequence(value);
  });
  const report = await fc.check(property, {
    numRuns: Number(runs),
    seed: Number(seed),
    path,
    endOnFailure: process.env.PROPERTY_SHRINK === '0',
  });
  const { failed, numRuns, counterexamplePath, counterexample, errorInstance } = report;
  const error = failed ? errorInstance?.stack : undefined;
  const example = counterexample ? fc.stringify(counterexample) : undefined;
  const line = JSON.stringify({ failed, numRuns, path: counterexamplePath, error, example });
  // A sequence that failed may have left a socket open.
  process.stdout.write(`${line}\n`, () => process.exit());
}

main(process.argv.slice(2));
