'use strict';

/**
 * hot-shots (npm) and datadog (PyPI) send their metrics to receiver.js. One command: node examples/dogstatsd
 */

const assert = require('assert');
const { example, until } = require('../lib/example');
const { DogStatsD } = require('./receiver');

const CLIENTS = [
  { name: 'hot-shots', program: process.execPath, script: require.resolve('./client.js') },
  { name: 'datadog', program: '.peers/venv/bin/python', script: require.resolve('./client.py') },
];

/** The metrics that both clients send. */
const EXPECTED = [
  { kind: 'count', name: 'count', values: [1], rate: 1, tags: ['a:b', 'env:test'] },
  { kind: 'gauge', name: 'gauge', values: [2.5], rate: 1, tags: ['env:test'] },
  { kind: 'timing', name: 'timing', values: [5], rate: 1, tags: ['env:test'] },
  { kind: 'set', name: 'set', values: ['user-1'], rate: 1, tags: ['env:test'] },
  { kind: 'distribution', name: 'distribution', values: [1], rate: 1, tags: ['env:test'] },
  { kind: 'histogram', name: 'histogram', values: [3], rate: 1, tags: ['env:test'] },
  { kind: 'event', title: 'title', text: 'two\nlines', tags: ['env:test'], priority: 'low' },
  { kind: 'check', name: 'check', status: 0, tags: ['env:test'], message: 'fine' },
];

const show = ({ kind, tags, ...rest }) =>
  `  ${kind.padEnd(12)} ${Object.values(rest)
    .map((value) => JSON.stringify(value))
    .join(' ')} ${tags.join(',')}`;

example(
  ['node_modules/unix-dgram/build/Release/unix_dgram.node', '.peers/venv/bin/python', '.peers/venv/bin/dogwrap'],
  async ({ dir, run }) => {
    const receiver = new DogStatsD(`${dir}/dsd.socket`);
    let metrics = [];
    receiver.on('metric', (metric) => metrics.push(metric));
    receiver.on('malformed', (line) => assert.fail(`not understood: ${line}`));

    for (const { name, program, script } of CLIENTS) {
      console.log(name);
      metrics = [];
      await run(program, [script, `${dir}/dsd.socket`]);
      await until(() => metrics.length === 8, 'eight metrics');
      for (const metric of metrics) {
        console.log(show(metric));
        metric.tags.sort(); // each client has its own order
      }
      assert.deepStrictEqual(metrics, EXPECTED);
    }
    receiver.close();
  },
);
