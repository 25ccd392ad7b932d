'use strict';
const contestants = require('./contestants');
const { ratio, spread } = require('./lib/stats');
const { colors, withDarkMode } = require('./lib/theme');

/** The order of bars and legends: this package first. */
const ORDER = Object.keys(contestants);

/** One object per contestant, case and metric, the format that vega-lite needs. */
function flat(row, metrics) {
  return row.cases.flatMap(({ label, group, params, contestants: results }) =>
    metrics.flatMap((metric) =>
      Object.entries(results).flatMap(([id, result]) => {
        const value = spread(result, metric);
        const about = { id, contestant: contestants[id].label, label, group, metric, ...params };
        return value ? [{ ...about, ...value }] : [];
      }),
    ),
  );
}

const ids = (values) => ORDER.filter((id) => values.some((value) => value.id === id));
const labels = (values) => ids(values).map((id) => contestants[id].label);

const color = (values) => ({
  field: 'contestant',
  type: 'nominal',
  title: null,
  scale: { domain: labels(values), range: ids(values).map((id) => colors[id]) },
  legend: { orient: 'bottom', columns: 3, symbolType: 'square' },
});

/** Two significant digits: 0.62, 1.4, 12. */
const short = (value) => Number(value.toPrecision(2));

/** What this package reached divided by what another contestant reached: the least and the greatest of all cases. */
function comparison(row, metric, id) {
  const found = row.cases
    .map(({ contestants: results }) => results[id] && ratio(results.ours, results[id], metric))
    .filter((value) => value !== undefined)
    .map(short);
  const [least, most] = [Math.min(...found), Math.max(...found)];
  return `${least === most ? least : `${least} to ${most}`} times`;
}

/** "node-unix-socket: 6 times the rate of A; 1.2 times that of B", in lines of three so that it is no wider than the plot. */
function caption(row, metric, what, about = '') {
  const rivals = ids(flat(row, [metric])).filter((id) => id !== 'ours');
  const phrases = rivals.map(
    (id, i) => `${comparison(row, metric, id)} ${i ? 'that' : what} of ${contestants[id].label}`,
  );
  const lines = [];
  while (phrases.length > 0) lines.push(phrases.splice(0, 3).join('; '));
  lines[0] = `node-unix-socket${about}: ${lines[0]}`;
  return lines;
}

const MEDIANS = 'A figure is the median of the rounds, a ratio the median of the ratios of each round.';
const SPREAD = 'The line in a bar goes from the least round to the greatest.';

/** The row with some of its cases, or with some of its contestants. */
const cases = (row, keep) => ({ ...row, cases: row.cases.filter(keep) });
const without = (row, id) => ({
  ...row,
  cases: row.cases.map((each) => ({
    ...each,
    contestants: Object.fromEntries(Object.entries(each.contestants).filter(([name]) => name !== id)),
  })),
});

/** Labels of an axis as people write them: 0, 200 k, 1.5 M. */
const THOUSANDS =
  "datum.value >= 1e6 ? format(datum.value / 1e6, '~r') + ' M' : datum.value >= 1e4 ? format(datum.value / 1e3, '~r') + ' k' : format(datum.value, ',')";
const BYTES = "datum.value < 1024 ? datum.value + ' B' : datum.value / 1024 + ' KiB'";

/** A long name takes a line for each of its parts. */
const parts = (name) => name.split(', ');

/** A chart of bars for each value of `field`, side by side, with the spread of the rounds. */
function bars(values, { title, subtitle, y, field }) {
  const step = Math.min(60, Math.max(24, Math.round(560 / values.length)));
  const chart = (name, i) => ({
    title: { text: parts(name), anchor: 'middle', frame: 'group', fontSize: 11, fontWeight: 'normal', offset: 6 },
    data: { values: values.filter((value) => value[field] === name) },
    width: { step },
    height: 220,
    encoding: { x: { field: 'contestant', type: 'nominal', sort: labels(values), axis: null } },
    layer: [
      {
        mark: 'bar',
        encoding: {
          y: {
            field: 'median',
            type: 'quantitative',
            title: i === 0 ? y : null,
            axis: i === 0 ? { labelExpr: THOUSANDS } : { labelExpr: "' '", ticks: false, domain: false },
          },
          color: color(values),
        },
      },
      {
        mark: { type: 'rule', color: colors.ink },
        encoding: { y: { field: 'min', type: 'quantitative' }, y2: { field: 'max' } },
      },
    ],
  });
  return {
    title: { text: title, subtitle: [...subtitle, MEDIANS, SPREAD] },
    spacing: 14,
    hconcat: [...new Set(values.map((value) => value[field]))].map(chart),
    resolve: { scale: { y: 'shared', color: 'shared' } },
  };
}

/** Lines over a logarithmic x axis, in a chart for each value of `field` if there is one. */
function lines(values, { title, subtitle, x, y, field }) {
  const header = { labelExpr: "split(datum.label, ', ')", labelColor: colors.ink };
  const names = [...new Set(values.map((value) => value[field]))];
  return {
    title: { text: title, subtitle: [...subtitle, MEDIANS] },
    data: { values },
    width: field ? 230 : 480,
    height: 220,
    mark: { type: 'line', point: true },
    encoding: {
      x: {
        type: 'quantitative',
        ...x,
        axis: { values: [...new Set(values.map((value) => value[x.field]))], ...x.axis },
      },
      y: { field: 'median', type: 'quantitative', ...y },
      color: color(values),
      ...(field ? { column: { field, type: 'nominal', title: null, sort: names, header } } : {}),
    },
  };
}

const small = ({ params }) => params.size === 64;

const specs = {
  oneway(row) {
    const messages = cases(row, small);
    const large = cases(row, ({ params }) => params.size === 65536);
    return {
      '64-bytes': bars(flat(messages, ['rate']), {
        title: 'Messages of 64 bytes to another process: more is better',
        subtitle: caption(messages, 'rate', 'the rate'),
        y: 'messages/s',
        field: 'group',
      }),
      sizes: lines(flat(row, ['bytes']), {
        title: 'Messages of 64 bytes to 200 KiB to another process: more is better',
        subtitle: caption(large, 'bytes', 'the rate', ' at 64 KiB'),
        x: {
          field: 'size',
          title: 'size of a message',
          scale: { type: 'log', base: 2 },
          axis: { labelExpr: BYTES, labelOverlap: false, labelAngle: -40 },
        },
        y: { title: 'MB/s', scale: { type: 'log' }, axis: { values: [1, 10, 100, 1000, 10000], format: ',' } },
        field: 'group',
      }),
    };
  },

  datagrams(row) {
    const messages = cases(row, small);
    return {
      datagrams: bars(flat(messages, ['rate']), {
        title: 'Datagrams of 64 bytes to another process: more is better',
        subtitle: caption(messages, 'rate', 'the rate'),
        y: 'messages/s',
        field: 'group',
      }),
    };
  },

  roundtrip(row) {
    const awake = cases(row, ({ params }) => params.turning || params.busyPoll);
    const connections = cases(row, (each) => each.params.kind === 'connection' && !awake.cases.includes(each));
    const names = { p50: 'median', p99: '99th percentile' };
    const values = flat(connections, Object.keys(names)).map((value) => ({
      ...value,
      group: `${names[value.metric]}, ${value.label}`,
    }));
    return {
      roundtrip: bars(values, {
        title: 'Time from a request of 64 bytes to its reply: less is better',
        subtitle: caption(connections, 'p50', 'the median time'),
        y: 'µs',
        field: 'group',
      }),
      'roundtrip-awake': bars(flat(awake, ['p50']), {
        title: 'Median time from a request to its reply in loops that stay awake: less is better',
        subtitle: caption(awake, 'p50', 'the median time'),
        y: 'µs',
        field: 'group',
      }),
    };
  },

  connect: (row) => ({
    connect: bars(flat(row, ['rate']), {
      title: 'Connect, one message, close: more is better',
      subtitle: caption(row, 'rate', 'the rate'),
      y: 'connections/s',
      field: 'label',
    }),
  }),

  fanin: (row) => ({
    fanin: lines(flat(row, ['receiverCpu']), {
      title: 'CPU time of a server for a message of 64 bytes: less is better',
      subtitle: caption(row, 'receiverCpu', 'the time'),
      x: { field: 'clients', title: 'clients', scale: { type: 'log' }, axis: { format: ',' } },
      y: { title: 'µs a message' },
    }),
  }),

  senders(row) {
    const plot = (some) =>
      bars(flat(some, ['rate']), {
        title: 'Datagrams of 64 bytes from 1,000 sockets of one process to one reader: more is better',
        subtitle: caption(some, 'rate', 'the rate'),
        y: 'messages/s',
        field: 'label',
      });
    return {
      senders: plot(cases(row, ({ params }) => !params.together)),
      'senders-together': plot(cases(row, ({ params }) => params.together)),
    };
  },

  idle(row) {
    const node = without(row, 'c'); // a connection of the C program is a descriptor, without an object
    const kib = flat(node, ['rss']).map((value) => ({
      ...value,
      median: value.median / 1024,
      min: value.min / 1024,
      max: value.max / 1024,
    }));
    return {
      idle: bars(kib, {
        title: 'Memory of an idle connection: less is better',
        subtitle: caption(node, 'rss', 'the memory'),
        y: 'KiB a connection',
        field: 'label',
      }),
    };
  },
};

const config = {
  background: colors.background,
  padding: 12,
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  title: {
    anchor: 'start',
    color: colors.ink,
    fontSize: 14,
    subtitleColor: colors.quiet,
    subtitleFontSize: 11,
    subtitleLineHeight: 15,
    subtitlePadding: 5,
    offset: 12,
  },
  axis: {
    domainColor: colors.quiet,
    gridColor: colors.line,
    labelColor: colors.ink,
    labelLimit: 300,
    tickColor: colors.quiet,
    titleColor: colors.ink,
  },
  legend: { labelColor: colors.ink, labelLimit: 300 },
};

/** Renders a specification as SVG. The libraries are ES modules, so they are imported. */
async function draw(spec) {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  // Without a canvas vega takes a character for 0.8 of the font size, which leaves a third of the picture empty.
  vega.textMetrics.width = ({ fontSize }, text) => 0.53 * fontSize * String(text).length;
  const view = new vega.View(vega.parse(vegaLite.compile({ ...spec, config }).spec), { renderer: 'none' });
  return withDarkMode(await view.toSVG());
}

/** True if none of the cases of a plot was measured. */
const empty = ({ hconcat, data }) => (hconcat || data.values).length === 0;

/** Returns [{ row, name, svg }] for all rows that have a plot. */
async function plots(rows) {
  const drawn = [];
  for (const [row, spec] of Object.entries(specs)) {
    if (!rows[row]) continue;
    for (const [name, each] of Object.entries(spec(rows[row]))) {
      if (empty(each)) continue;
      drawn.push({ row, name, svg: await draw(each) });
    }
  }
  return drawn;
}

/** Memory of both processes during a soak. */
function soakPlot(samples) {
  const values = samples.flatMap((each) =>
    ['receiver', 'sender'].map((name) => ({ at: each.at / 60, process: name, rss: each[name].rss / 1e6 })),
  );
  return draw({
    title: { text: 'Memory during the soak', subtitle: 'A flat line means that nothing leaks.' },
    data: { values },
    width: 480,
    height: 200,
    mark: 'line',
    encoding: {
      x: { field: 'at', type: 'quantitative', title: 'minutes' },
      y: { field: 'rss', type: 'quantitative', title: 'RSS in MB' },
      color: {
        field: 'process',
        type: 'nominal',
        title: null,
        scale: { range: [colors.ours, colors.net] },
      },
    },
  });
}

module.exports = { plots, soakPlot };
