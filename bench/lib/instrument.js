'use strict';
const fs = require('fs');
const path = require('path');
const { pair } = require('./pair');

/** Runs one measurement with `role` under a tool that writes its counts to a file when the process exits. */
async function counts(bench, role, tool, count) {
  const file = path.join(bench.dir, 'counts');
  await bench.again({ count, warmup: 0, duration: 1e9 }, { [role]: tool.command(file) });
  await pair(bench);
  const peer = bench.peers.find(({ name }) => name === role);
  peer.child.stdin.end();
  await peer.exited;
  return tool.parse(fs.readFileSync(file, 'utf8'));
}

/** Counts per message at one end: the difference of two runs of different length, so that start and exit cancel out. */
async function perMessage(bench, role, tool, [few, many]) {
  const start = await counts(bench, role, tool, few);
  const all = await counts(bench, role, tool, many);
  const each = {};
  for (const key of Object.keys({ ...start, ...all }))
    each[key] = Math.max(0, (all[key] || 0) - (start[key] || 0)) / (many - few);
  return each;
}

module.exports = { perMessage };
