'use strict';
// npm run test:workers: the long form of __test__/runtime/workers.test.js: 200 workers in turn, 16 at once.

const { spawnSync } = require('child_process');
const root = require('../lib/root');

const { status } = spawnSync(process.execPath, ['--test', '__test__/runtime/workers.test.js'], {
  cwd: root,
  env: { ...process.env, WORKERS_LONG: '1' },
  stdio: 'inherit',
});
process.exitCode = status === null ? 1 : status;
