'use strict';
// node __test__/property/run.js NAME RUNS SEED [PATH]: runs random sequences or arguments. RUNS may be a time: 60s.
// Prints one line of JSON. Writes the current case to the file PROPERTY_JOURNAL, which is read after a crash.

const fs = require('node:fs');
const fc = require('fast-check');

const PROPERTIES = { sequences: './world', arguments: '../hostile/bad-input/arguments' };

async function main([name, runs, seed, path]) {
  const { arbitrary, run, examples = () => [], show = fc.stringify, told } = require(PROPERTIES[name]);
  const journal = process.env.PROPERTY_JOURNAL;
  const property = fc.asyncProperty(arbitrary, async (value) => {
    if (journal) fs.writeFileSync(journal, show(value));
    await run(value);
  });
  const limit = runs.endsWith('s')
    ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: 1000 * Number.parseInt(runs, 10) }
    : { numRuns: Number(runs) };
  const report = await fc.check(property, {
    ...limit,
    seed: Number(seed),
    path,
    examples: examples().map((value) => [value]),
    endOnFailure: process.env.PROPERTY_SHRINK === '0',
  });
  const { failed, numRuns, interrupted, counterexamplePath, counterexample, errorInstance } = report;
  const error = errorInstance?.stack;
  const example = counterexample ? show(counterexample[0]) : undefined;
  const text = told ? told(numRuns) : `${numRuns} ${name}`;
  const failure = failed && !(interrupted && !counterexample);
  const line = JSON.stringify({ failed: failure, numRuns, path: counterexamplePath, error, example, text });
  // A failed sequence may have left a socket open.
  process.stdout.write(`${line}\n`, () => process.exit());
}

main(process.argv.slice(2));
