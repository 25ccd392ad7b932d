'use strict';
const fs = require('fs');
const path = require('path');
const contestants = require('./contestants');
const targets = require('./targets');
const { machines } = require('./lib/results');
const { spread } = require('./lib/stats');
const { plots } = require('./plots');
const { withFigures } = require('./readme');

const LATEST = path.join(__dirname, 'results', 'latest.json');
const README = path.join(__dirname, '..', 'README.md');

/** Three significant digits, with k and M as units: 712 k, 1.16 M, 0.053. */
function figure(value) {
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (Math.abs(value) >= 1e4) return `${(value / 1e3).toFixed(0)} k`;
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return String(Number(value.toPrecision(3)));
}

const withSpread = ({ median, min, max }) =>
  min === max ? figure(median) : `${figure(median)} (${figure(min)}–${figure(max)})`;

const line = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');

/** The table of one row: a line per case and contestant, a column per metric; the first metric with least and greatest value. */
function rowTable({ metrics, cases }) {
  const keys = Object.keys(metrics);
  const lines = cases.flatMap((each) =>
    Object.entries(each.contestants).map(([id, result]) => {
      const name = [each.group ? `${each.group}, ${each.label}` : each.label, contestants[id].label];
      const bad = result.cannot || failure(result);
      if (bad) return [...name, `*${bad}*`, ...keys.slice(1).map(() => '')];
      const cells = keys.map((key, i) => {
        const value = spread(result, key);
        if (!value) return '';
        return i === 0 ? withSpread(value) : figure(value.median);
      });
      const lost = spread(result, 'lost');
      if (lost && lost.max > 0 && !metrics.lost) cells[0] += `, ${(lost.median * 100).toFixed(0)} % lost`;
      return [...name, ...cells];
    }),
  );
  return table(['case', 'contestant', ...keys.map((key) => metrics[key].label)], lines);
}

function failure({ rounds }) {
  const failed = (rounds || []).find(({ error }) => error);
  return failed && `failed: ${failed.error}`;
}

function targetLines(rows) {
  return targets.map(({ what, atLeast, atMost, value }) => {
    const measured = value(rows);
    const met =
      measured === undefined
        ? 'not measured'
        : (atMost === undefined ? measured >= atLeast : measured <= atMost)
          ? 'yes'
          : 'no';
    return [
      what,
      atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`,
      measured === undefined ? '–' : figure(measured),
      met,
    ];
  });
}

const targetTable = (rows) => table(['target', 'must be', 'is', 'met'], targetLines(rows));

function markdown(results, images) {
  const { rows } = results;
  return [
    '# Benchmark',
    `${machines(results)}. Two processes unless said otherwise; medians of the rounds, the` +
      ' spread from the least to the greatest in parentheses; ratios are medians of the ratios of each round. Every message is counted and checked at the' +
      ' receiver. Absolute figures drift with the machine: compare within one table only.',
    '## Targets',
    targetTable(rows),
    ...Object.values(rows).flatMap((row) => [
      `## ${row.title}`,
      `${row.about}${row.rounds ? ` ${row.rounds} round${row.rounds > 1 ? 's' : ''}, ${row.date.slice(0, 10)}.` : ''}`,
      ...images.filter((image) => image.row === row.name).map((image) => `![${row.title}](${image.file})`),
      rowTable(row),
    ]),
    '',
  ].join('\n\n');
}

/** Writes NAME.md and NAME-*.svg to the directory of NAME.json. latest.json also gives README.md its figures. */
async function report(file) {
  const results = JSON.parse(fs.readFileSync(file, 'utf8'));
  const base = file.replace(/\.json$/, '');
  const images = [];
  for (const { row, name, svg } of await plots(results.rows)) {
    fs.writeFileSync(`${base}-${name}.svg`, svg);
    images.push({ row, file: path.basename(`${base}-${name}.svg`) });
  }
  fs.writeFileSync(`${base}.md`, markdown(results, images));
  const written = [`${base}.md`];
  if (path.resolve(file) === LATEST) {
    fs.writeFileSync(README, withFigures(fs.readFileSync(README, 'utf8'), results));
    written.push(README);
  }
  return { text: targetTable(results.rows), written };
}

module.exports = { markdown, report, rowTable };

if (require.main === module) {
  report(process.argv[2] || LATEST).then(({ text }) => console.log(text));
}
