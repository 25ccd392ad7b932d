'use strict';
// npm run picture [-- RESULTS.json]: draws docs/overview.svg, the picture in README: what the sockets are for and, if
// there are results of the benchmark (bench/results/latest.json), a bar chart of each.

const fs = require('fs');
const path = require('path');
const contestants = require('../../bench/contestants');
const { machines } = require('../../bench/lib/results');
const { ratio, spread } = require('../../bench/lib/stats');
const { colors, withDarkMode } = require('../../bench/lib/theme');

const root = require('../lib/root');
const WIDTH = 960;
const PANEL = 296;
const GAP = 20;
const DRAWING = 262;
const BAR = 26;

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

function text(x, y, content, { size = 13, fill = colors.ink, anchor = 'start', weight = 400 } = {}) {
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}" text-anchor="${anchor}" font-weight="${weight}">${escaped(content)}</text>`;
}

/** A process. */
function box(x, y, width, height, label, fill = colors.box) {
  return (
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="${fill}" stroke="${colors.boxBorder}"/>` +
    text(x + width / 2, y + height / 2 + 4, label, { size: 12, anchor: 'middle' })
  );
}

/** A message. Its width stands for its length. */
function message(x, y, width, fill = colors.ours) {
  return `<rect x="${x}" y="${y}" width="${width}" height="12" rx="2" fill="${fill}"/>`;
}

function arrow(x1, y1, x2, y2, color = colors.quiet) {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${color}" stroke-width="1.5" marker-end="url(#tip)"/>`;
}

function heading(names, purpose) {
  return names
    .map((name, i) => text(0, 18 + 18 * i, name, { size: 15, weight: 600 }))
    .concat(text(0, 18 + 18 * names.length + 4, purpose, { size: 12.5, fill: colors.quiet }))
    .join('');
}

function seqpacket() {
  const pipe = (y, widths, fill) => {
    let x = 92;
    const messages = widths.map((width) => {
      const drawn = message(x, y, width, fill);
      x += width + 6;
      return drawn;
    });
    return messages.join('');
  };
  return [
    heading(['SeqpacketServer', 'SeqpacketSocket'], 'request and reply, without framing'),
    box(0, 98, 74, 86, 'client'),
    box(PANEL - 74, 98, 74, 86, 'server'),
    pipe(116, [38, 12, 24, 16], colors.ours),
    arrow(84, 136, PANEL - 84, 136),
    pipe(152, [16, 30, 10, 30], colors.boxBorder),
    arrow(PANEL - 84, 172, 84, 172),
    text(PANEL / 2, 218, 'one write is one message, in order;', { size: 12, anchor: 'middle', fill: colors.quiet }),
    text(PANEL / 2, 235, 'descriptors and credentials can be attached', {
      size: 12,
      anchor: 'middle',
      fill: colors.quiet,
    }),
  ].join('');
}

function datagrams() {
  const rows = [
    ['journald, syslog', 82, 1],
    ['systemd, DogStatsD', 122, 1],
    ['busy process', 162, 4],
  ];
  return [
    heading(['DgramSocket'], 'one socket, many services'),
    box(0, 98, 74, 86, 'program'),
    ...rows.map(([label, y, waiting]) => {
      const full = waiting > 1;
      const from = 141 + (y - 122) / 3;
      return [
        arrow(80, from, 134, y + 16, full ? colors.ours : colors.quiet),
        box(140, y, PANEL - 140, 32, label, full ? colors.full : undefined),
        ...(full ? [0, 1, 2].map((i) => message(84 + 14 * i, 182 + 5, 10)) : []),
      ].join('');
    }),
    text(PANEL / 2, 218, 'a full receiver delays its own messages only,', {
      size: 12,
      anchor: 'middle',
      fill: colors.quiet,
    }),
    text(PANEL / 2, 235, 'loses none, and takes no CPU time', { size: 12, anchor: 'middle', fill: colors.quiet }),
  ].join('');
}

function reuseport() {
  const workers = [0, 1, 2, 3];
  return [
    heading(['listenReuseport', 'createReuseportFd'], 'one port, several processes'),
    text(0, 132, 'clients', { size: 12, fill: colors.quiet }),
    arrow(0, 141, 64, 141),
    `<circle cx="100" cy="141" r="31" fill="${colors.background}" stroke="${colors.ours}" stroke-width="2"/>`,
    text(100, 138, 'kernel', { size: 12, anchor: 'middle' }),
    text(100, 153, ':443', { size: 12, anchor: 'middle' }),
    ...workers.map((i) => {
      const y = 82 + 31 * i;
      return arrow(134, 141 + (i - 1.5) * 9, 188, y + 12) + box(194, y, PANEL - 194, 25, `process ${i + 1}`);
    }),
    text(PANEL / 2, 235, 'no primary process between client and worker', {
      size: 12,
      anchor: 'middle',
      fill: colors.quiet,
    }),
  ].join('');
}

const short = (value) =>
  value >= 1e6
    ? `${(value / 1e6).toFixed(2)} M`
    : value >= 1e4
      ? `${Math.round(value / 1e3)} k`
      : Math.round(value).toLocaleString('en-US');

/** The chart beneath each panel: row and case of the benchmark, title, contestants. */
const charts = [
  ['oneway', 'callbacks 64 B', '64-byte messages a second', ['ours', 'net', '0.2.7', 'c']],
  ['datagrams', 'connected 64 B', '64-byte datagrams a second', ['ours', 'unix-dgram', 'udp', 'c']],
  ['reuseport', 'reuseport', 'HTTP connections a second, 2 processes', ['ours', 'cluster', 'cluster-reuseport']],
];

/** The bars of a chart, or '' if the case was not measured. */
function bars(rows, [row, id, title, ids]) {
  const found = rows[row]?.cases.find((each) => each.id === id)?.contestants;
  const shown = ids
    .map((who) => ({ who, median: spread(found?.[who], 'rate')?.median }))
    .filter(({ median }) => median !== undefined);
  if (shown.length < 2 || shown[0].who !== 'ours') return '';
  const most = Math.max(...shown.map(({ median }) => median));
  const left = 120;
  const room = PANEL - left - 88;
  const lines = shown.map(({ who, median }, i) => {
    const y = 30 + BAR * i;
    const times = who === 'ours' ? undefined : ratio(found.ours, found[who], 'rate');
    const width = Math.max(2, (median / most) * room);
    const fill = who === 'ours' || who === 'c' ? colors[who] : colors.boxBorder;
    const label =
      who === 'ours'
        ? 'this package'
        : who === 'c'
          ? 'C, same calls'
          : contestants[who].label.replace('node-unix-socket ', '');
    return [
      text(0, y + 12, label.replace(/, (loopback|framed|round robin)$/, ''), {
        size: 12,
        weight: who === 'ours' ? 600 : 400,
      }),
      `<rect x="${left}" y="${y}" width="${width.toFixed(1)}" height="16" rx="2" fill="${fill}"/>`,
      text(left + width + 6, y + 13, short(median) + (times ? ` (${times.toFixed(times < 1.95 ? 2 : 1)} x)` : ''), {
        size: 11,
        fill: colors.quiet,
      }),
    ].join('');
  });
  return text(0, 14, title, { size: 12.5, weight: 600 }) + lines.join('');
}

function picture(results = { rows: {} }) {
  const beneath = charts.map((chart) => bars(results.rows, chart));
  const measured = beneath.some(Boolean);
  const height = measured ? DRAWING + 174 : DRAWING;
  const x = (i) => 16 + i * (PANEL + GAP);
  const groups = [seqpacket(), datagrams(), reuseport()].map(
    (drawn, i) =>
      `<g transform="translate(${x(i)} 8)">${drawn}</g>${beneath[i] && `<g transform="translate(${x(i)} ${DRAWING + 10})">${beneath[i]}</g>`}`,
  );
  const where =
    measured &&
    machines(
      results,
      charts.map(([row]) => row),
    );
  const caption = measured
    ? text(WIDTH / 2, height - 10, `npm run bench: ${where}; medians; in parentheses: this package over that one`, {
        size: 11,
        fill: colors.quiet,
        anchor: 'middle',
      })
    : '';
  const separators = [1, 2].map(
    (i) => `<line x1="${x(i) - GAP / 2}" y1="14" x2="${x(i) - GAP / 2}" y2="${height - 28}" stroke="${colors.line}"/>`,
  );
  return withDarkMode(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" role="img">
<title>What the sockets of node-unix-socket are for</title>
<defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0 8 4 0 8z" fill="${colors.quiet}"/></marker></defs>
<rect width="${WIDTH}" height="${height}" rx="8" fill="${colors.background}"/>
${[...separators, ...groups, caption].filter(Boolean).join('\n')}
</svg>
`);
}

function main([
  file = path.join(root, 'bench', 'results', 'latest.json'),
  to = path.join(root, 'docs', 'overview.svg'),
]) {
  const results = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
  fs.writeFileSync(to, picture(results));
  console.log(
    `${path.relative(root, to)}: ${results ? `with the results of ${path.relative(root, file)}` : 'without results'}`,
  );
}

module.exports = { picture };

if (require.main === module) main(process.argv.slice(2));
