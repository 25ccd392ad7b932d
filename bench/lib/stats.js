'use strict';

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The rounds' values of one metric, undefined for rounds that failed. */
const values = (result, metric) => (result?.rounds || []).map((round) => round[metric]);

const known = (list) => list.filter((value) => typeof value === 'number' && !Number.isNaN(value));

/** { median, min, max } of a metric over the rounds, or undefined when no round has it. */
function spread(result, metric) {
  const list = known(values(result, metric));
  return list.length === 0 ? undefined : { median: median(list), min: Math.min(...list), max: Math.max(...list) };
}

/** The median of the ratios a / b of each round: what drifts in the machine from round to round cancels out. */
function ratio(a, b, metric) {
  const below = values(b, metric);
  const list = known(values(a, metric).map((value, i) => value / below[i]));
  return list.length === 0 ? undefined : median(list);
}

module.exports = { median, spread, ratio };
