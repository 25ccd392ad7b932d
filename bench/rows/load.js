'use strict';
const fs = require('fs');
const path = require('path');
const contestants = require('../contestants');

const TIMES = 15;
const root = path.join(__dirname, '..', '..');

exports.name = 'load';
exports.title = 'Load';
exports.about = `require() in a fresh process, median of ${TIMES} a round; sizes as installed on this platform, dependencies included.`;
exports.metrics = {
  require: { label: 'require() ms', better: 'less' },
  binary: { label: 'binary kB', better: 'less' },
  package: { label: 'package kB', better: 'less' },
};
exports.cases = () => [{ id: 'load', label: 'load', params: {}, contestants: ['ours', '0.2.7', 'unix-dgram'] }];
exports.figures = (figures) => figures;

const script = (module) => `
  const from = process.hrtime();
  require(${JSON.stringify(module)});
  const [s, ns] = process.hrtime(from);
  console.log('ready');
  console.log('report ' + (s * 1e3 + ns / 1e6));`;

exports.measure = async (bench) => {
  const dirs = contestants[bench.contestant.id].packages.map((dir) => path.join(root, dir));
  const times = [];
  for (let i = 0; i < TIMES; i += 1) {
    const peer = await bench.start('load', {}, [process.execPath, '-e', script(dirs[0])]);
    times.push(await bench.wait(peer.report));
    await peer.exited;
    bench.peers.pop();
  }
  const files = dirs.flatMap(shipped);
  const kilobytes = (list) => list.reduce((all, file) => all + fs.statSync(file).size, 0) / 1e3;
  return {
    require: times.sort((a, b) => a - b)[TIMES >> 1],
    binary: kilobytes(files.filter((file) => /\.node$/.test(file) && !/obj\.target/.test(file))),
    package: kilobytes(files),
  };
};

/** The files of an installed package; of this package, the files that npm would pack, and the binary. */
function shipped(dir) {
  if (dir !== root) return walk(dir);
  const always = /^(package\.json|README.*|LICENSE.*|.*\.node)$/;
  const entries = [
    ...require(path.join(root, 'package.json')).files,
    ...fs.readdirSync(root).filter((name) => always.test(name)),
  ];
  return [...new Set(entries)]
    .map((entry) => path.join(root, entry))
    .filter(fs.existsSync)
    .flatMap(walk);
}

function walk(entry) {
  if (!fs.statSync(entry).isDirectory()) return [entry];
  return fs.readdirSync(entry).flatMap((name) => walk(path.join(entry, name)));
}
