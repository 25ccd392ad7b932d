'use strict';
// npm run test:property [-- --runs N]: compares N (20,000) random sequences with the model in __test__/property/.
// PROPERTY_SEED=n PROPERTY_PATH=p repeats a failure; both are printed with it.

const { runProperty } = require('../../__test__/property/child');

async function main(args) {
  const at = args.indexOf('--runs');
  const runs = at >= 0 ? Number(args[at + 1]) : 20000;
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs wants a number');
  let left = runs;
  while (left > 0) {
    const { failed, text, numRuns } = await runProperty({ runs: Math.min(left, 2000) });
    console.log(text);
    if (failed) {
      process.exitCode = 1;
      return;
    }
    left -= numRuns;
  }
}

main(process.argv.slice(2));
