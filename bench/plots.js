'use strict';
const contestants = require('./contestants');
const { ratio, spread } = require('./lib/stats');
const { colors, withDarkMode } = require('./lib/theme');

/** The order of bars and legends: this package first. */
const ORDER = Object.keys(contestants);

/** One object per contestant and case, the format that vega-lite needs. */
function flat(row, metrics, keep = () => true) {
  return row.cases.filter(keep).flatMap((each) =>
    Object.entries(each.contestants).flatMap(([id, result]) =>
      metrics.flatMap((metric) => {
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
  scale: { domain: ids(values).map((id) => contestants[id].label), range: ids(values).map((id) => colors[id]) },
  legend: { orient: 'bottom', columns: 4 },
});
const order = (values) => [...new Set(values.map(({ label }) => label))];

/** One chart per value of a field. A label with commas is split into lines. */
const split = (values, field) => ({
  field,
  type: 'nominal',
  title: null,
  sort: [...new Set(values.map((value) => value[field]))],
  header: { labelExpr: "split(datum.label, ', ')" },
});

/** Grouped bars, one group per case, with least and greatest value of the rounds. `column` splits them into several charts. */
function bars(values, { title, y, column }) {
  const x = { field: 'label', type: 'nominal', title: null, sort: order(values), axis: { labelAngle: 0 } };
  const offset = { field: 'contestant', sort: ids(values).map((id) => contestants[id].label) };
  const layer = [
    {
      mark: 'bar',
      encoding: {
        y: { field: 'median', type: 'quantitative', title: y, axis: { format: '~s' } },
        color: color(values),
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

/** Lines over a logarithmic x axis. */
function lines(values, { title, x, xTitle, y, log = false, column }) {
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
    const connections = cases(row, ({ params }) => params.kind === 'connection');
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

/** Returns [{ row, name, svg }] for all rows that have a plot. */
async function plots(rows) {
  const drawn = [];
  for (const [row, spec] of Object.entries(specs)) {
    if (!rows[row]) continue;
    for (const [name, each] of Object.entries(spec(rows[row]))) {
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
