'use strict';
// npm run test:garbage [-- COUNT]: __test__/runtime/garbage.test.js with COUNT (100,000) sockets opened and closed.

const { spawnSync } = require('child_process');
const root = require('../lib/root');

const { status } = spawnSync(process.execPath, ['--test', '__test__/runtime/garbage.test.js'], {
  cwd: root,
  env: { ...process.env, GARBAGE_CYCLES: process.argv[2] || '100000' },
  stdio: 'inherit',
});
process.exitCode = status === null ? 1 : status;
