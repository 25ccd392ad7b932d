'use strict';
// npm run test:packages: the types of the installed package with old and new versions of TypeScript and every module
// resolution. Compiles the programs of __test__/types/, in which invalid uses are marked and must be refused.

const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const root = require('../../../scripts/lib/root');
const { installed, succeed, tool, write } = require('./tools');

const PROGRAMS = ['usage.ts', 'events.ts', 'module.mts'];
const CLASSIC = ['usage.ts', 'events.ts'];

/** Module resolution -> options of tsc and the programs that it can compile. */
const resolutions = {
  node16: [['--module', 'node16', '--moduleResolution', 'node16'], PROGRAMS],
  nodenext: [['--module', 'nodenext', '--moduleResolution', 'nodenext'], PROGRAMS],
  bundler: [['--module', 'esnext', '--moduleResolution', 'bundler'], CLASSIC],
  node: [['--module', 'commonjs', '--moduleResolution', 'node'], CLASSIC],
};

/** Each compiler with a version of @types/node that it can read: new versions support compilers of two years. */
const compilers = [
  { typescript: '4.7', types: '18.19.0', ways: ['node16', 'nodenext', 'node'] },
  { typescript: '5', types: '26', ways: ['node16', 'nodenext', 'bundler', 'node'] },
  { typescript: 'latest', types: '26', ways: ['node16', 'nodenext', 'bundler'] },
];

for (const { typescript, types, ways } of compilers) {
  test(`TypeScript ${typescript} compiles valid uses and refuses invalid ones`, { timeout: 300000 }, async (t) => {
    const project = await installed(t);
    const nodeTypes = tool(`@types/node@${types}`);
    for (const name of fs.readdirSync(nodeTypes).filter((name) => !name.startsWith('.'))) {
      fs.symlinkSync(path.join(nodeTypes, name), path.join(project, 'node_modules', name));
    }
    for (const name of PROGRAMS)
      write(project, { [name]: fs.readFileSync(path.join(root, '__test__', 'types', name)) });
    const tsc = path.join(tool(`typescript@${typescript}`), 'typescript', 'lib', 'tsc.js');
    for (const way of ways) {
      const [options, programs] = resolutions[way];
      const all = [
        '--noEmit',
        '--strict',
        '--exactOptionalPropertyTypes',
        '--target',
        'es2022',
        '--types',
        'node',
        ...options,
        ...programs,
      ];
      await t.test(way, () => succeed(t, process.execPath, [tsc, ...all], { cwd: project }));
    }
  });
}
