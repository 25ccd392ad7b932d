'use strict';

/**
 * Runs the tests in __test__/compat/0.2.7 with 0.2.7 itself and prints the result of each row. Every row is a defect of
 * 0.2.7, so its tests must fail, which proves that they can. The compatibility tests must pass, which proves that they
 * describe 0.2.7. Exits with 0 if both hold.
 *
 *   npm run test:reference              all files
 *   npm run test:reference -- callbacks files whose names contain the word
 *   npm run test:reference -- --verbose also prints the result of each test
 */
const fs = require('node:fs');
const path = require('node:path');
const { run } = require('node:test');
const root = require('../lib/root');

process.env.NODE_UNIX_SOCKET_UNDER_TEST = process.env.NODE_UNIX_SOCKET_UNDER_TEST || 'node-unix-socket-0.2.7';
process.env.NODE_UNIX_SOCKET_ISOLATED_TIMEOUT = '5000'; // enough for 0.2.7, which hangs in some rows

const folder = path.join(root, '__test__', 'compat', '0.2.7');
const verbose = process.argv.includes('--verbose');
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const wanted = (name) => name.endsWith('.test.js') && (words.length === 0 || words.some((word) => name.includes(word)));
const files = fs.readdirSync(folder).filter(wanted).sort();

const rows = Array.from({ length: 38 }, (_, i) => i + 1);
const results = [];

/** The error of a test on one line, without the stack. */
function reason(error) {
  const text = String(error.cause?.message || error.message);
  const told = text.split('\n').map((line) => line.trim());
  const noise = /^$|^(at |node:|file:|\/|\^)|stack backtrace|RUST_BACKTRACE/;
  return told
    .filter((line) => !noise.test(line))
    .join(' ')
    .replace('AssertionError [ERR_ASSERTION]: ', '')
    .slice(0, 150);
}

const isWrong = ({ kind, why }) => (kind === 'compatibility' ? why !== null : why === null);

function note({ name }, why) {
  const named = /^(?:row (\d+)|compatibility):/.exec(name);
  if (named) results.push({ kind: named[1] ? Number(named[1]) : 'compatibility', name, why });
  else if (why !== null) throw new Error(`not a row: ${name}: ${why}`);
}

function line(kind, of) {
  const failed = of.filter(({ why }) => why !== null);
  const outcome = failed.length === 0 ? 'passes' : failed.length === of.length ? 'fails' : 'MIXED';
  const example = failed.length > 0 ? failed[0].why : '';
  const label = kind === 'compatibility' ? 'compat' : `row ${String(kind).padStart(2)}`;
  console.log(`${label}  ${outcome.padEnd(6)}  ${`${failed.length}/${of.length}`.padStart(5)}  ${example}`);
  for (const { name, why } of of.filter((result) => verbose || isWrong(result))) {
    console.log(
      `          ${why === null ? 'passes' : 'fails '}  ${name}${verbose && why ? `\n${' '.repeat(18)}${why}` : ''}`,
    );
  }
}

function report() {
  const found = new Set(results.map(({ kind }) => kind));
  const kinds = [...rows, 'compatibility'].filter((kind) => found.has(kind));
  console.log('row     outcome failed  the first failure');
  for (const kind of kinds) {
    line(
      kind,
      results.filter((result) => result.kind === kind),
    );
  }
  const wrong = results.filter(isWrong).length;
  const missing = words.length > 0 ? [] : rows.filter((row) => !found.has(row));
  console.log(
    `\n${results.length} tests against ${process.env.NODE_UNIX_SOCKET_UNDER_TEST}, ${wrong} not as they should be`,
  );
  if (missing.length > 0) console.log(`rows without a test: ${missing.join(', ')}`);
  process.exitCode = wrong > 0 || missing.length > 0 ? 1 : 0;
}

run({ files: files.map((name) => path.join(folder, name)), concurrency: 2 })
  .on('test:pass', (data) => note(data, null))
  .on('test:fail', (data) => note(data, reason(data.details.error)))
  .on('end', report)
  .resume();
