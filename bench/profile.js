'use strict';
// node bench/profile.js ROW CASE [CONTESTANT], for example: oneway 'callbacks 64 B' ours
// Profiles both ends of one case with Linux perf.
const { execFileSync } = require('child_process');
const path = require('path');
const contestants = require('./contestants');
const { Bench, pair } = require('./lib/pair');

const [name = 'oneway', id = 'callbacks 64 B', who = 'ours'] = process.argv.slice(2);
const LINES = 60;

async function profile(row, found, role) {
  const params = { ...found.params, warmup: 500, duration: 2000, nodeArgs: ['--perf-basic-prof'] };
  const bench = new Bench(row.plays || row.name, contestants[who], params);
  const file = path.join(bench.dir, 'perf.data');
  bench.wrap = { [role]: ['perf', 'record', '-q', '-e', 'cpu-clock', '-F', '4000', '-o', file] };
  try {
    const figures = (await (row.measure || pair)(bench))[role];
    const { child, exited } = bench.peers.find((peer) => peer.name === role);
    child.stdin.end();
    await exited;
    console.log(`\n${contestants[who].label}, ${id}, ${role}: ${(figures.cpu / figures.count).toFixed(2)} µs CPU each`);
    const report = ['report', '-i', file, '--stdio', '-q', '--no-children', '--percent-limit', '0.5', '--sort'];
    for (const by of ['dso', 'dso,symbol']) {
      const text = execFileSync('perf', [...report, by], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      const lines = text.split('\n').filter((line) => line.trim());
      console.log(lines.slice(0, LINES).join('\n'));
    }
  } finally {
    await bench.end();
  }
}

async function main() {
  const row = require(`./rows/${name}`);
  const found = row.cases({}).find((each) => each.id === id);
  if (!found) throw new Error(`no case ${id} in ${name}: ${row.cases({}).map((each) => each.id)}`);
  await profile(row, found, 'sender');
  await profile(row, found, 'receiver');
}

main().catch((err) => {
  console.error(err.message);
  process.exit(1);
});
