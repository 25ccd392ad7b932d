'use strict';
// npm run bench:door [-- --rounds N] [--only TEXT]: programs from npm with unix-dgram, with node-unix-socket/unix-dgram, and with
// its queue. Writes the table in docs/guides/from-unix-dgram.md; with --only, the rows whose title contains the text.

const fs = require('fs');
const path = require('path');
const { parseArgs } = require('util');
const root = require('../../scripts/lib/root');
const { cells, contestants, run } = require('./cells');

const text = { type: 'string' };
const { values } = parseArgs({ options: { rounds: text, only: text } });
const rounds = Number(values.rounds || 5);
/** More rounds of all messages in one tick, because how many are lost there depends on the scheduler. */
const BURST_ROUNDS = 4;
const guide = path.join(root, 'docs', 'guides', 'from-unix-dgram.md');
const MARKS = /(<!-- npm run bench:door -->\n)[\s\S]*?(<!-- end -->)/;

const title = ({ library, what, messages }) => `${library}, ${what}, ${messages.toLocaleString('en')}`;

/** The mean of each figure of some runs. */
function summary(runs) {
  const mean = (name) => {
    const figures = runs.map((one) => one[name]).filter((figure) => !Number.isNaN(figure));
    return figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  };
  const figures = Object.fromEntries(['arrived', 'twice', 'lost', 'cpu', 'end'].map((name) => [name, mean(name)]));
  return { ...figures, crashed: runs.some(({ crashed }) => crashed) };
}

function shown({ arrived, twice, lost, cpu, end, crashed }, { receiver }) {
  const counts = [arrived, twice, lost].map((count) => Math.round(count).toLocaleString('en')).join(' · ');
  const time = Number.isNaN(cpu) ? '' : `, ${Math.round(cpu)} ms`;
  const closed = receiver === 'stuck' && !crashed ? `, ends in ${Math.round(end)} ms` : '';
  return `${counts}${time}${closed}${crashed ? ', crashes' : ''}`;
}

const line = (texts) => `| ${texts.join(' | ')} |\n`;

/** Writes the table into the guide. Rows that were not run keep their text. `rows` has texts by title. */
function write(rows) {
  const guideText = fs.readFileSync(guide, 'utf8');
  const former = MARKS.exec(guideText)[0].split('\n');
  const lines = cells.map(title).map((name) => {
    const kept = former.find((text) => text.startsWith(`| ${name} |`));
    return rows.get(name) || (kept ? `${kept}\n` : '');
  });
  const names = Object.keys(contestants);
  const header = line(['program, receiver, messages', ...names]) + line(['---', ...names.map(() => '---')]);
  const runs = `Means of ${BURST_ROUNDS * rounds} runs, or of ${rounds} if the receiver restarts, is replaced, or reads nothing:`;
  const table = `${runs}\n\n${header}${lines.join('')}`;
  fs.writeFileSync(
    guide,
    guideText.replace(MARKS, (_all, from, to) => `${from}\n${table}\n${to}`),
  );
}

async function main() {
  const rows = new Map();
  for (const cell of cells.filter((cell) => title(cell).includes(values.only || ''))) {
    const runs = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
    for (let round = 0; round < rounds * (cell.paced === 0 && cell.receiver !== 'stuck' ? BURST_ROUNDS : 1); round++) {
      for (const name of Object.keys(contestants)) runs[name].push(await run(cell, name));
    }
    const results = Object.fromEntries(Object.entries(runs).map(([name, list]) => [name, summary(list)]));
    rows.set(title(cell), line([title(cell), ...Object.values(results).map((result) => shown(result, cell))]));
    console.log(rows.get(title(cell)).trim());
    for (const name of Object.keys(contestants)) {
      if (results[name].arrived < results['unix-dgram'].arrived) console.log(`  fewer than with unix-dgram: ${name}`);
    }
  }
  write(rows);
}

main();
