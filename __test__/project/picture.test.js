'use strict';
// scripts/dev/picture.js, bench/plots.js and bench/report.js: the picture in README, the plots and tables of the benchmark.

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { plots } = require('../../bench/plots');
const { markdown } = require('../../bench/report');
const { picture } = require('../../scripts/dev/picture');

const root = path.join(__dirname, '..', '..');
const read = (...names) => fs.readFileSync(path.join(root, ...names), 'utf8');
const latest = JSON.parse(read('bench', 'results', 'latest.json'));

const rounds = (rate) => ({ rounds: rate.map((value) => ({ rate: value })) });
const results = (contestants) => ({
  machine: { cpu: 'A CPU', cores: 2, kernel: '6.1.0-x', node: '20.0.0' },
  rows: { oneway: { cases: [{ id: 'callbacks 64 B', contestants }] } },
});

test('without results the picture has no figures', () => {
  assert.doesNotMatch(picture(), /this package|npm run bench/);
});

test('a ratio is the median of the ratios of each round', () => {
  const svg = picture(results({ ours: rounds([300, 400, 500]), net: rounds([100, 100, 250]) }));
  assert.match(svg, /this package/);
  assert.match(svg, />100 \(3\.0 x\)</);
});

test('what was not measured, or failed, is left out', () => {
  assert.doesNotMatch(picture(results({ ours: rounds([1]), net: { cannot: 'no' } })), /this package/);
  assert.doesNotMatch(picture(results({ net: rounds([1]), c: rounds([1]) })), /node:net/);
});

/** The colours that the elements of a role are filled or drawn with. */
const colorsOf = (svg, role, attribute) =>
  [...svg.matchAll(new RegExp(`<g class="${role}[^>]*>(.*?)</g>`, 'g'))].flatMap(([, marks]) =>
    [...marks.matchAll(new RegExp(`<(?:path|line)[^>]* ${attribute}="(#\\w+)"`, 'g'))].map(([, color]) => color),
  );

test('the committed picture, plots and tables show the committed results', async () => {
  assert.strictEqual(read('docs', 'overview.svg'), picture(latest), 'run npm run picture');
  const images = [];
  for (const { row, name, svg } of await plots(latest.rows)) {
    assert.strictEqual(read('bench', 'results', `latest-${name}.svg`), svg, `${name}: run node bench/report.js`);
    images.push({ row, file: `latest-${name}.svg` });
  }
  assert.strictEqual(read('bench', 'results', 'latest.md'), markdown(latest, images), 'run node bench/report.js');
});

test('the legend of a plot has the colour of each bar, and each bar has its spread', async () => {
  for (const { name, svg } of await plots(latest.rows)) {
    const legend = colorsOf(svg, 'mark-symbol role-legend-symbol', 'fill');
    const bars = colorsOf(svg, 'mark-rect role-mark', 'fill');
    const lines = colorsOf(svg, 'mark-line role-mark', 'stroke');
    assert.ok(bars.length + lines.length > 0, name);
    assert.deepStrictEqual([...new Set([...bars, ...lines])].sort(), [...legend].sort(), name);
    assert.strictEqual(legend[0], '#d1495b', `${name}: this package comes first`);
    assert.strictEqual(colorsOf(svg, 'mark-rule role-mark', 'stroke').length, bars.length, name);
  }
});

test('each colour of a picture has its counterpart for dark pages', async () => {
  const pictures = [picture(latest), ...(await plots(latest.rows)).map(({ svg }) => svg)];
  for (const svg of pictures) {
    const [, style] = /<style>@media \(prefers-color-scheme: dark\)\{(.*?)\}<\/style>/.exec(svg);
    for (const [attribute] of svg.replace(style, '').matchAll(/(?:fill|stroke)="#\w+"/g)) {
      assert.ok(style.includes(`[${attribute}]`), attribute);
    }
  }
});
