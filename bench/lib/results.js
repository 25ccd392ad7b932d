'use strict';

/**
 * Results of the benchmark: `{ machine, rows }`. `machine` is that of most rows; a row that was measured on another one has a
 * `machine` of its own.
 */

const os = require('os');
const { ratio, spread } = require('./stats');

/** The machine that runs this process. */
const thisMachine = () => ({
  cpu: os.cpus()[0].model.trim(),
  cores: os.cpus().length,
  kernel: os.release(),
  node: process.versions.node,
});

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * Former results with a row that was measured on `machine`. Former cases of the row are kept if they are from this machine,
 * because a row names one machine. `order` has the names of all rows.
 */
function merge(former = { rows: {} }, row, machine, order) {
  const machineOf = (each) => each.machine || former.machine;
  const before = former.rows[row.name];
  const kept = before && same(machineOf(before), machine) ? before.cases : [];
  const cases = [...new Map([...kept, ...row.cases].map((each) => [each.id, each])).values()];
  const all = { ...former.rows, [row.name]: { ...row, cases, machine } };
  const found = order.filter((name) => all[name]).map((name) => ({ name, of: machineOf(all[name]) }));
  const rowsOf = (one) => found.filter(({ of }) => same(of, one)).length;
  const most = found.reduce((best, { of }) => (rowsOf(of) > rowsOf(best) ? of : best), machine);
  const rows = found.map(({ name, of }) => {
    const { machine: _own, ...each } = all[name];
    return [name, same(of, most) ? each : { ...each, machine: of }];
  });
  return { machine: most, rows: Object.fromEntries(rows) };
}

/** "a, b and c" */
const list = (words) => [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' and ');

const machineText = ({ cpu, cores, kernel, node }) =>
  `${cpu}, ${cores} cores, Linux ${kernel.split('-')[0]}, Node.js ${node}`;

/** The rows that were measured on another machine than most, by name. */
const elsewhere = ({ rows }) => Object.keys(rows).filter((name) => rows[name].machine);

/** The machines of these rows: "A CPU, 2 cores, Linux 6.1, Node.js 20.0.0; connect and load: Another CPU, ...". */
function machines(results, names = Object.keys(results.rows)) {
  const exceptions = new Map();
  for (const name of elsewhere(results).filter((each) => names.includes(each))) {
    const text = machineText(results.rows[name].machine);
    exceptions.set(text, [...(exceptions.get(text) || []), name]);
  }
  const others = [...exceptions].map(([text, rows]) => `${list(rows)}: ${text}`);
  return [machineText(results.machine), ...others].join('; ');
}

/** The results of a case by contestant, or an empty object if it was not measured. */
function contestantsOf(rows, row, id) {
  const found = rows[row]?.cases.find((each) => each.id === id);
  return found ? found.contestants : {};
}

/** Ratio of this package to another contestant in one case. */
const against = (row, id, other, metric) => (rows) => {
  const { ours, [other]: that } = contestantsOf(rows, row, id);
  return ratio(ours, that, metric);
};

/** Ratio of this package in two cases. */
const between = (row, id, base, metric) => (rows) =>
  ratio(contestantsOf(rows, row, id).ours, contestantsOf(rows, row, base).ours, metric);

/** A figure of this package. */
const plain = (row, id, metric) => (rows) => {
  const figure = spread(contestantsOf(rows, row, id).ours, metric);
  return figure?.median;
};

module.exports = { against, between, elsewhere, list, machines, merge, plain, thisMachine };
