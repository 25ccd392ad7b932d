'use strict';
// npm run typecheck: js/ against index.d.ts, then valid and invalid uses of index.d.ts.

const { spawnSync } = require('child_process');
const path = require('path');
const root = require('../lib/root');

const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');

for (const project of ['tsconfig.json', 'tsconfig.types.json']) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
