'use strict';
const fs = require('fs');
const path = require('path');
const { parseArgs } = require('util');
const contestants = require('./contestants');
const { measure } = require('./lib/pair');
const { merge, thisMachine } = require('./lib/results');
const { report, rowTable } = require('./report');
const { spread } = require('./lib/stats');

const names = [
  'oneway',
  'datagrams',
  'roundtrip',
  'connect',
  'fanin',
  'senders',
  'idle',
  'reuseport',
  'fairness',
  'stopped',
  'load',
  'calls',
  'instructions',
];

const usage = `npm run bench -- [ROW...] [options]
  rows: ${names.join(' ')}
  --quick          fewer cases, 2 rounds, shorter windows: about 3 minutes
  --rounds N       5
  --duration MS    450, measured in each run
  --warmup MS      200, before that
  --only IDS       contestants, with commas: ${Object.keys(contestants).join(',')}
  --case TEXT      only cases whose name contains TEXT
  --out NAME       results/NAME.json, .md, .svg (latest, with --quick quick); rows and cases not run keep their former results
                   there; latest also writes the figures in README.md
  --node24 PATH    a Node 24 for the reusePort contestant of the reuseport row`;

function options() {
  const text = { type: 'string' };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean' },
      help: { type: 'boolean' },
      rounds: text,
      duration: text,
      warmup: text,
      only: text,
      case: text,
      out: text,
      node24: text,
    },
  });
  const unknown = positionals.find((name) => !names.includes(name));
  if (values.help || unknown) {
    console.log(unknown ? `no row ${unknown}\n${usage}` : usage);
    process.exit(unknown ? 2 : 0);
  }
  const { quick = false } = values;
  return {
    ...values,
    quick,
    rows: positionals,
    rounds: Number(values.rounds || (quick ? 2 : 5)),
    params: {
      duration: Number(values.duration || (quick ? 250 : 450)),
      warmup: Number(values.warmup || 200),
    },
    out: values.out || (quick ? 'quick' : 'latest'),
  };
}

/** Runs all rounds of one case, A B C, A B C. A contestant that failed is not run again in this case. */
async function runCase(row, each, opts, progress) {
  const only = opts.only ? opts.only.split(',') : each.contestants;
  const results = {};
  for (const id of each.contestants.filter((id) => only.includes(id))) {
    const cannot = contestants[id].cannot(each.params);
    results[id] = cannot ? { cannot } : { rounds: [] };
  }
  const rounds = Math.min(opts.rounds, row.rounds || Infinity);
  for (let round = 1; round <= rounds; round += 1) {
    for (const [id, result] of Object.entries(results)) {
      if (result.cannot || result.rounds.some(({ error }) => error)) continue;
      const figures = await measure(row, contestants[id], { ...opts.params, ...each.params });
      result.rounds.push(figures);
      progress(`${row.name}: ${each.id}, round ${round}/${rounds}, ${contestants[id].label}: ${brief(row, figures)}`);
    }
  }
  const { id, group, label, params } = each;
  return { id, group, label, params, contestants: results };
}

function brief({ metrics }, figures) {
  if (figures.error) return figures.error;
  const [key] = Object.keys(metrics);
  return `${spread({ rounds: [figures] }, key).median.toPrecision(4)} ${metrics[key].label}`;
}

/** Adds a row to the results in a file. */
function save(file, row) {
  const former = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
  const results = merge(former, row, thisMachine(), names);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(
    file,
    `${JSON.stringify(results, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value))}\n`,
  );
}

async function main() {
  const opts = options();
  const began = Date.now();
  const progress = (text) => console.log(`[${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s] ${text}`);
  const rows = names
    .map((name) => require(`./rows/${name}`))
    .filter((row) => (opts.rows.length > 0 ? opts.rows.includes(row.name) : !row.optional));
  const file = path.join(__dirname, 'results', `${opts.out}.json`);
  for (const row of rows) {
    const cases = [];
    for (const each of row.cases(opts).filter(({ id }) => !opts.case || id.includes(opts.case)))
      cases.push(await runCase(row, each, opts, progress));
    const { name, title, about, metrics } = row;
    const done = {
      name,
      title,
      about,
      metrics,
      rounds: Math.min(opts.rounds, row.rounds || Infinity),
      date: new Date().toISOString(),
      cases,
    };
    save(file, done);
    console.log(`\n${title}\n${rowTable(done)}\n`);
  }
  const { text, written } = await report(file);
  console.log(`${text}\n\nwritten: ${written.map((each) => path.relative(process.cwd(), each)).join(', ')}`);
}

main().catch((err) => {
  console.error(err);
  process.exit(1);
});
