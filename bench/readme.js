'use strict';

/** The figures in README.md: the text between two markers, which report.js writes from the results. */

const { against, elsewhere, list, machines, plain } = require('./lib/results');

const BEGIN = '<!-- figures of bench/results/latest.json, written by node bench/report.js -->';
const END = '<!-- end of the figures -->';
const WIDTH = 120;

/** Two significant digits, three from 100,000 on: 9,900, 61,000, 712,000. */
const count = (value) => Number(value.toPrecision(value < 1e5 ? 2 : 3)).toLocaleString('en-US');
const times = (value) => (value < 0.995 ? value.toFixed(2) : value.toFixed(1));

/** The rows of each table: label, row and case of the benchmark, and for each column the contestants to compare with. */
const connections = {
  head: ['messages or round trips per second', 'this package', 'to 0.2.7', 'to node:net, framed', 'to C'],
  lines: [
    ['64 bytes, a callback per message', 'oneway', 'callbacks 64 B', ['0.2.7'], ['net'], ['c']],
    ["64 bytes, `write` and 'drain'", 'oneway', 'drain 64 B', [], ['net'], ['c']],
    ['64 bytes, corked', 'oneway', 'cork 64 B', [], ['net', 'net-cork'], ['c']],
    ['16 KiB, a callback per message', 'oneway', 'callbacks 16 KiB', ['0.2.7'], ['net'], ['c']],
    ['64 KiB, a callback per message', 'oneway', 'callbacks 64 KiB', ['0.2.7'], ['net'], ['c', 'c-doubled']],
    ['200 KiB, a callback per message', 'oneway', 'callbacks 200 KiB', ['0.2.7'], ['net'], ['c', 'c-doubled']],
    ['round trips, 1 in flight', 'roundtrip', 'connection 1', ['0.2.7'], ['net'], ['c']],
    ['round trips, 16 in flight', 'roundtrip', 'connection 16', ['0.2.7'], ['net'], ['c']],
    ['connect, one message, close: in the first second', 'connect', 'connect', ['0.2.7'], ['net'], ['c']],
    ['connect, one message, close: after 4 s', 'connect', 'connect warm', ['0.2.7'], ['net'], ['c']],
  ],
};
const datagrams = {
  head: ['datagrams per second', 'this package', 'to unix-dgram 2.0.7', 'to node:dgram (UDP)', 'to C'],
  lines: [
    ['64 bytes, connected', 'datagrams', 'connected 64 B', ['unix-dgram'], ['udp'], ['c']],
    ['8 KiB, connected', 'datagrams', 'connected 8 KiB', ['unix-dgram'], ['udp'], ['c']],
    ['64 bytes, 50 receivers, one stopped', 'datagrams', 'fifty 64 B', ['unix-dgram'], ['udp'], ['c']],
    ['8 KiB, 50 receivers, one stopped', 'datagrams', 'fifty 8 KiB', ['unix-dgram'], ['udp'], ['c']],
  ],
};

/** What the second contestant of a column differs in from the first. */
const VARIANTS = { 'net-cork': 'corked too', 'c-doubled': 'with twice the SO_SNDBUF' };

/** Cases in which a stream may be faster: phrase, row, case and contestant. */
const STREAM_WINS = [
  ['for many small messages that can be joined', 'oneway', 'cork 64 B', 'net-cork'],
  ...['64 B', '1 KiB', '16 KiB', '64 KiB', '200 KiB'].map((size) => [
    `with a callback per message at ${size}`,
    'oneway',
    `callbacks ${size}`,
    'net',
  ]),
  ...[1, 16].map((flight) => [`for round trips with ${flight} in flight`, 'roundtrip', `connection ${flight}`, 'net']),
];

/** The figure as text, or "-" if it was not measured. */
const shown = (value, format) => (value === undefined ? '-' : format(value));

/** The name of the CPU if the row was measured on another machine than most, in parentheses. */
const where = (results, row) => (elsewhere(results).includes(row) ? ` (${results.rows[row].machine.cpu})` : '');

function table(results, { head, lines }) {
  const cells = lines.map(([label, row, id, ...columns]) => [
    label + where(results, row),
    shown(plain(row, id, 'rate')(results.rows), count),
    ...columns.map((column) => {
      const found = column.map((other) => [VARIANTS[other], against(row, id, other, 'rate')(results.rows)]);
      const known = found.filter(([, value]) => value !== undefined);
      return known.map(([variant, value]) => (variant ? `${variant}: ` : '') + times(value)).join('; ') || '-';
    }),
  ]);
  return [head, head.map(() => '---'), ...cells].map((each) => `| ${each.join(' | ')} |`).join('\n');
}

/** Breaks a paragraph into lines. */
function wrap(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = `${lines[lines.length - 1]} ${word}`.trim();
    if (line.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.join('\n');
}

/** The sentences after the tables. A sentence is left out if its figures were not measured. */
function sentences(results) {
  const { rows } = results;
  const own = (row, metric) => plain(row, row, metric)(rows);
  const to = (row, metric, other) => shown(against(row, row, other, metric)(rows), times);
  const [memory, load, http] = [own('idle', 'rss'), own('load', 'require'), own('reuseport', 'rate')];
  const wins = STREAM_WINS.filter(([, row, id, other]) => against(row, id, other, 'rate')(rows) < 1).map(
    ([phrase]) => phrase,
  );
  return [
    memory &&
      `An idle connection takes ${times(memory / 1000)} kB of memory${where(results, 'idle')}, ${to('idle', 'rss', 'net')} of node:net and ${to('idle', 'rss', '0.2.7')} of 0.2.7.`,
    load &&
      `\`require()\` takes ${times(load)} ms${where(results, 'load')}, ${to('load', 'require', '0.2.7')} of 0.2.7.`,
    http &&
      `\`SO_REUSEPORT\` serves ${count(http)} short HTTP connections per second${where(results, 'reuseport')}, ${to('reuseport', 'rate', 'cluster')} times as many as cluster's round robin.`,
    wins.length > 0 && `A stream (node:net) is faster ${list(wins)}.`,
  ].filter(Boolean);
}

/** The text between the markers. */
function figures(results) {
  return [
    wrap(
      `From \`bench/results/latest.md\`: ${machines(results)}. Compare ratios, because absolute figures depend on the machine.`,
    ),
    table(results, connections),
    table(results, datagrams),
    wrap(sentences(results).join(' ')),
  ].join('\n\n');
}

/** README with the figures of these results. */
function withFigures(readme, results) {
  const [begin, end] = [BEGIN, END].map((marker) => readme.indexOf(marker));
  if (begin < 0 || end < begin) throw new Error(`README.md has no "${BEGIN}" before "${END}"`);
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${figures(results)}\n\n${readme.slice(end)}`;
}

module.exports = { withFigures };
