'use strict';
const contestants = require('./contestants');
const { spread } = require('./lib/stats');

const colors = {
  ours: '#d1495b',
  '0.2.7': '#edae49',
  net: '#30638e',
  'net-cork': '#8db4d9',
  'unix-dgram': '#7a5195',
  udp: '#66a182',
  cluster: '#30638e',
  'cluster-reuseport': '#8db4d9',
  c: '#9a9a9a',
};

/** One object per contestant and case, the format that vega-lite needs. */
function flat(row, metrics, keep = () => true) {
  return row.cases.filter(keep).flatMap((each) =>
    Object.entries(each.contestants).flatMap(([id, result]) =>
      metrics.flatMap((metric) => {
        const value = spread(result, metric);
        const { label, group = '', params } = each;
        return value
          ? [
              {
                contestant: contestants[id].label,
                id,
                label,
                group,
                ...params,
                metric: row.metrics[metric].label,
                ...value,
              },
            ]
          : [];
      }),
    ),
  );
}

const ids = (values) => Object.keys(colors).filter((id) => values.some((value) => value.id === id));
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
    },
    {
      mark: { type: 'rule', color: '#333' },
      encoding: { y: { field: 'min', type: 'quantitative' }, y2: { field: 'max' } },
    },
  ];
  const encoding = { x, xOffset: offset };
  if (!column) return { title, data: { values }, width: { step: 22 }, height: 220, encoding, layer };
  return {
    title,
    data: { values },
    facet: {
      column: split(values, column),
    },
    spec: { width: { step: 26 }, height: 220, encoding, layer },
  };
}

/** Lines over a logarithmic x axis. */
function lines(values, { title, x, xTitle, y, log = false, column }) {
  return {
    title,
    data: { values },
    width: 260,
    height: 220,
    mark: { type: 'line', point: true },
    encoding: {
      x: {
        field: x,
        type: 'quantitative',
        title: xTitle,
        scale: { type: 'log', base: 2 },
        axis: { format: '~s', values: [...new Set(values.map((value) => value[x]))] },
      },
      y: {
        field: 'median',
        type: 'quantitative',
        title: y,
        scale: { type: log ? 'log' : 'linear' },
        axis: { format: '~s' },
      },
      color: color(values),
      ...(column
        ? {
            column: split(values, column),
          }
        : {}),
    },
  };
}

const at64 = ({ params }) => params.size === 64;
const specs = {
  oneway: (row) => {
    const values = flat(row, ['rate'], at64).map((value) => ({ ...value, label: value.group }));
    const sizes = flat(row, ['bytes']);
    return {
      '64-bytes': bars(values, { title: '64-byte messages, one way', y: 'messages/s' }),
      sizes: lines(sizes, {
        title: 'Messages of every size, one way',
        x: 'size',
        xTitle: 'bytes a message',
        y: 'MB/s',
        log: true,
        column: 'group',
      }),
    };
  },
  datagrams: (row) => ({
    datagrams: bars(flat(row, ['rate'], at64), {
      title: '64-byte datagrams, one way',
      y: 'messages/s',
      column: 'group',
    }),
  }),
  roundtrip: (row) => ({
    roundtrip: bars(
      flat(row, ['p50', 'p99'], ({ params }) => params.kind === 'connection').map((value) => ({
        ...value,
        group: value.metric,
      })),
      { title: 'Round trip of 64 bytes', y: 'µs', column: 'group' },
    ),
  }),
  connect: (row) => ({
    connect: bars(
      flat(row, ['rate'], () => true).filter(({ id }) => id !== 'c'),
      { title: 'Connect, one message, close', y: 'connections/s' },
    ),
  }),
  fanin: (row) => ({
    fanin: lines(flat(row, ['receiverCpu']), {
      title: 'Many clients to one server, 64 bytes',
      x: 'clients',
      xTitle: 'clients',
      y: 'CPU µs/message, server',
    }),
  }),
  idle: (row) => ({
    idle: bars(
      flat(row, ['rss']).filter(({ id }) => id !== 'c'),
      { title: 'Memory of an idle connection', y: 'bytes' },
    ),
  }),
};

const config = {
  background: 'white',
  font: 'sans-serif',
  view: { stroke: null },
  axis: { gridColor: '#e8e8e8', labelLimit: 300 },
  legend: { labelLimit: 300 },
};

/** Renders a specification as SVG. The libraries are ES modules, so they are imported. */
async function draw(spec) {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  return new vega.View(vega.parse(vegaLite.compile({ ...spec, config }).spec), { renderer: 'none' }).toSVG();
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
    title: 'Memory during the soak',
    data: { values },
    width: 480,
    height: 200,
    mark: 'line',
    encoding: {
      x: { field: 'at', type: 'quantitative', title: 'minutes' },
      y: { field: 'rss', type: 'quantitative', title: 'RSS MB' },
      color: { field: 'process', type: 'nominal', title: null },
    },
  });
}

module.exports = { plots, soakPlot };
