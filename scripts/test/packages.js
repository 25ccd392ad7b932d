'use strict';
// npm run test:packages [-- NAME...]: the published packages with package managers, bundlers, TypeScript, Bun and Deno,
// which are installed from npm into build/tools.

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const root = require('../lib/root');
const { testArguments } = require('../lib/test-files');

const folder = path.join('__test__', 'packages', 'published');
const all = fs
  .readdirSync(path.join(root, folder))
  .map((name) => path.basename(name, '.js'))
  .filter((name) => name !== 'tools');

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !all.includes(name));
if (unknown) {
  console.error(`packages: no ${unknown}; there are ${all.join(', ')}`);
  process.exitCode = 1;
} else {
  const files = (wanted.length > 0 ? wanted : all).map((name) => path.join(folder, `${name}.js`));
  // One file at a time, so that two files do not install the same tool at once.
  const options = ['--test-concurrency=1', '--test-reporter=spec'];
  const { status } = spawnSync(process.execPath, testArguments([...options, ...files]), {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = status === null ? 1 : status;
}
