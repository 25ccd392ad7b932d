'use strict';
// Packages from npm that are no development dependencies, installed into build/tools.

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const root = require('./root');

/** The environment without the variables of npm and of the test runner. */
const environment = (more) => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_(OPTIONS|TEST_CONTEXT)$/i.test(name)),
  ),
  ...more,
});

/**
 * The node_modules folder with the package `spec`, name@version, which is installed if it is missing. `overrides` are those of
 * npm, for its dependencies.
 */
function tool(spec, overrides) {
  const folder = path.join(root, 'build', 'tools', spec.replace('/', '+'));
  const done = path.join(folder, 'done');
  if (!fs.existsSync(done)) {
    fs.mkdirSync(folder, { recursive: true });
    if (overrides) fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, overrides }));
    const args = ['i', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', spec];
    const { status, stderr } = spawnSync('npm', args, { cwd: folder, env: environment(), encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stderr}`);
    fs.writeFileSync(done, '');
  }
  return path.join(folder, 'node_modules');
}

module.exports = { environment, tool };
