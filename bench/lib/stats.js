'use strict';

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Values of one metric, one per round; undefined for rounds that failed. */
const values = (result, metric) => (result?.rounds || []).map((round) => round[metric]);

const known = (list) => list.filter((value) => typeof value === 'number' && !Number.isNaN(value));

/** Returns { median, min, max } of a metric over the rounds, or undefined if no round has it. */
function spread(result, metric) {
  const list = known(values(result, metric));
  return list.length === 0 ? undefined : { median: median(list), min: Math.min(...list), max: Math.max(...list) };
}

/** Median of the ratios a / b of each round, so that changes of the machine between rounds cancel out. */
function ratio(a, b, metric) {
  const below = values(b, metric);
  const list = known(values(a, metric).map((value, i) => value / below[i]));
  return list.length === 0 ? undefined : median(list);
}

module.exports = { median, spread, ratio };
