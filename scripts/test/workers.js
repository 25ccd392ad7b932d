'use strict';
// npm run test:workers: __test__/runtime/workers.test.js with 200 workers one after the other and 16 at once.

const { spawnSync } = require('child_process');
const root = require('../lib/root');

const { status } = spawnSync(process.execPath, ['--test', '__test__/runtime/workers.test.js'], {
  cwd: root,
  env: { ...process.env, WORKERS_LONG: '1' },
  stdio: 'inherit',
});
process.exitCode = status === null ? 1 : status;
