'use strict';
// scripts/dev/picture.js: the picture of README.md, with and without results of the benchmark.

const test = require('node:test');
const assert = require('node:assert');
const { picture } = require('../../scripts/dev/picture');

const rounds = (rate) => ({ rounds: rate.map((value) => ({ rate: value })) });
const results = (contestants) => ({
  machine: { cpu: 'A CPU', cores: 2, kernel: '6.1.0-x', node: '20.0.0' },
  rows: { oneway: { cases: [{ id: 'callbacks 64 B', contestants }] } },
});

test('the picture has no figures if there are no results', () => {
  assert.doesNotMatch(picture(), /this package|npm run bench/);
});

test('a ratio is the median of the ratios of the rounds', () => {
  const svg = picture(results({ ours: rounds([300, 400, 500]), net: rounds([100, 100, 250]) }));
  assert.match(svg, /this package/);
  assert.match(svg, />100 \(3\.0 x\)</);
});

test('cases that were not measured or failed are left out', () => {
  assert.doesNotMatch(picture(results({ ours: rounds([1]), net: { cannot: 'no' } })), /this package/);
  assert.doesNotMatch(picture(results({ net: rounds([1]), c: rounds([1]) })), /node:net/);
});
