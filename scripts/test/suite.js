'use strict';
// npm test [-- files and options of node --test]. One process for each file, as many at once as there are cores.

const { spawnSync } = require('child_process');
const os = require('os');
const root = require('../lib/root');
const { testArguments } = require('../lib/test-files');

const given = process.argv.slice(2);
const defaults = [`--test-concurrency=${os.cpus().length}`, '--test-reporter=spec'].filter(
  (option) => !given.some((arg) => arg.split('=')[0] === option.split('=')[0]),
);
const { status } = spawnSync(process.execPath, testArguments([...defaults, ...given]), {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status === null ? 1 : status;
