'use strict';
// bench/readme.js and bench/lib/results.js: the figures of the benchmark in README.md, and the machines they are from.

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { machines, merge } = require('../../bench/lib/results');
const { withFigures } = require('../../bench/readme');
const root = require('../../scripts/lib/root');

const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
const latest = JSON.parse(fs.readFileSync(path.join(root, 'bench', 'results', 'latest.json'), 'utf8'));
const parts = (text) => text.split(/<!-- figures of .*? -->|<!-- end of the figures -->/);
const [before, inside, after] = parts(readme);

const A = { cpu: 'CPU A', cores: 2, kernel: '6.1.0-x', node: '20.0.0' };
const B = { ...A, cpu: 'CPU B' };
const ORDER = ['oneway', 'connect', 'load'];
const row = (name, ...ids) => ({ name, cases: ids.map((id) => ({ id })) });
const idsOf = ({ cases }) => cases.map(({ id }) => id);

test('README has the figures of bench/results/latest.json', () => {
  assert.strictEqual(inside, parts(withFigures(readme, latest))[1], 'run node bench/report.js');
});

test('README has ratios, times and sizes of the benchmark between the markers only', () => {
  const figure = /\d (times|ms|µs|kB|MB)\b/;
  assert.match(inside, figure);
  assert.doesNotMatch(before + after, figure);
});

test('README names each machine of bench/results/latest.json', () => {
  const cpus = Object.values(latest.rows).map(({ machine = latest.machine }) => machine.cpu);
  for (const cpu of cpus) assert.ok(inside.includes(cpu), cpu);
});

test('a figure that was not measured is shown as "-"', () => {
  const { oneway } = latest.rows;
  const cases = oneway.cases.filter(({ id }) => id !== 'drain 64 B');
  const rows = { ...latest.rows, oneway: { ...oneway, cases }, load: undefined };
  const text = withFigures(readme, { ...latest, rows: JSON.parse(JSON.stringify(rows)) });
  assert.match(text, /^\| 64 bytes, `write` and 'drain' \| - \| - \| - \| - \|$/m);
  assert.doesNotMatch(text, /`require\(\)` takes/);
});

test('README without the markers is an error', () => {
  assert.throws(() => withFigures('# A package\n', latest), /README\.md has no "<!-- figures of/);
});

test('a row that is measured again keeps the former cases of the same machine', () => {
  const former = { machine: A, rows: { oneway: row('oneway', 'one', 'two'), load: row('load', 'load') } };
  const results = merge(former, row('oneway', 'two', 'three'), A, ORDER);
  assert.deepStrictEqual(idsOf(results.rows.oneway), ['one', 'two', 'three']);
  assert.strictEqual(machines(results), 'CPU A, 2 cores, Linux 6.1.0, Node.js 20.0.0');
});

test('a row that is measured on another machine drops its former cases, and the other rows keep their machine', () => {
  const former = { machine: A, rows: { connect: row('connect', 'one', 'two'), load: row('load', 'load') } };
  const results = merge(former, row('connect', 'two'), B, ORDER);
  assert.deepStrictEqual(idsOf(results.rows.connect), ['two']);
  assert.match(machines(results), /^CPU B, .*; load: CPU A, 2 cores/);
  assert.doesNotMatch(machines(results, ['connect']), /CPU A/);

  const two = merge(
    { ...former, rows: { ...former.rows, oneway: row('oneway', 'one') } },
    row('load', 'load'),
    B,
    ORDER,
  );
  assert.match(machines(two), /^CPU A, .*; load: CPU B, 2 cores/, 'the machine of most rows comes first');

  const all = merge(results, row('load', 'load'), B, ORDER);
  assert.deepStrictEqual(all, { machine: B, rows: { connect: row('connect', 'two'), load: row('load', 'load') } });
});
