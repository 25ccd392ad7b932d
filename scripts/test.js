'use strict';
// npm test [-- files and options of node --test]. One process a file, as many at a time as there are cores.

const { spawnSync } = require('child_process');
const os = require('os');
const { root, testArguments } = require('./test-files');

const concurrency = `--test-concurrency=${os.cpus().length}`;
const { status } = spawnSync(process.execPath, testArguments([concurrency, ...process.argv.slice(2)]), {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status === null ? 1 : status;
