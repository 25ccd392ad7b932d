'use strict';
// npm run test:packages: the cells of `npm run bench:door`. hot-shots, winston-syslog, bunyan-syslog-unixdgram and ain2 lose
// no more with this package than with unix-dgram, and nothing with its queue.

const assert = require('node:assert');
const { cells, contestants, run } = require('../../../bench/door/cells');
const { testsUnixDgram } = require('../../helpers/unix-dgram');

/** How many messages are lost depends on the scheduler. */
const ROUNDS = 3;
const SCATTER = 0.5;

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

for (const cell of cells) {
  const { library, what, receiver, messages } = cell;
  testsUnixDgram(`${library}, ${what}: at least what unix-dgram does`, { timeout: 120000 }, async (t) => {
    const runs = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
    const rounds = what.startsWith('burst') ? ROUNDS : 1;
    for (let round = 0; round < rounds; round++) {
      for (const name of Object.keys(contestants)) runs[name].push(await run(cell, name));
    }
    const { 'unix-dgram': original, 'this package': ours, 'with a queue': queued } = runs;
    const figure = (list, name) => median(list.map((one) => one[name]));
    t.diagnostic(
      JSON.stringify(Object.entries(runs).map(([name, list]) => [name, list.map(({ arrived }) => arrived)])),
    );

    assert.ok(
      figure(ours, 'arrived') >= SCATTER * figure(original, 'arrived'),
      `${figure(ours, 'arrived')} arrived, with unix-dgram ${figure(original, 'arrived')}`,
    );
    for (const one of [...ours, ...queued]) assert.equal(one.twice, 0);
    if (!original.some(({ crashed }) => crashed)) assert.ok(!ours.some(({ crashed }) => crashed));
    for (const { arrived, ordered, crashed } of queued) {
      assert.deepEqual({ ordered, crashed }, { ordered: true, crashed: false });
      if (receiver !== 'stuck') assert.equal(arrived, messages);
      else assert.equal(arrived, original[0].arrived);
    }
    if (receiver === 'stuck' && library === 'hot-shots') assert.ok(queued[0].end <= original[0].end);
    if (library === 'hot-shots' && receiver === 'quick')
      assert.ok(figure(queued, 'cpu') <= figure(original, 'cpu'), 'no more CPU time');
  });
}
