'use strict';
// node scripts/setup.js [--no-build] script.js [arguments]
// Makes a fresh clone ready (dependencies, native build), then runs the script in its place. Needs nothing installed.

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const root = path.join(__dirname, '..');

function run(command, args, options = {}) {
  const { error, status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) throw new Error(`cannot run ${command}: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${signal || `status ${status}`}`);
}

function lockedPackages(file) {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, file), 'utf8')).packages;
  } catch (err) {
    if (err.code === 'ENOENT') return null;
    throw err;
  }
}

/** By content, not by date: npm records what it installed. Optional packages of other platforms are rightly missing. */
function dependenciesAreCurrent() {
  const installed = lockedPackages('node_modules/.package-lock.json');
  if (!installed) return false;
  return Object.entries(lockedPackages('package-lock.json')).every(([where, { integrity, optional }]) => {
    if (where === '') return true;
    return installed[where] ? installed[where].integrity === integrity : optional;
  });
}

/** unix-dgram is only compared with: where its native part does not compile, those tests and benchmarks say so. */
function compileUnixDgram() {
  const folder = path.join(root, 'node_modules', 'unix-dgram');
  const marker = path.join(folder, '.build-tried');
  if (!fs.existsSync(folder) || fs.existsSync(marker)) return;
  fs.writeFileSync(marker, '');
  const { status } = spawnSync('npm', ['rebuild', 'unix-dgram', '--ignore-scripts=false'], {
    cwd: root,
    stdio: 'ignore',
  });
  const built = status === 0 && fs.existsSync(path.join(folder, 'build', 'Release', 'unix_dgram.node'));
  console.error(
    built ? 'setup: compiled unix-dgram' : 'setup: unix-dgram did not compile, its comparisons are skipped',
  );
}

function main() {
  const args = process.argv.slice(2);
  const build = args[0] !== '--no-build';
  if (!build) args.shift();
  if (!dependenciesAreCurrent()) {
    console.error('setup: npm ci');
    run('npm', ['ci']);
  }
  if (build) {
    compileUnixDgram();
    run(process.execPath, ['scripts/build.js'], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const { status, signal } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (signal) process.kill(process.pid, signal);
  process.exitCode = status === null ? 1 : status;
}

try {
  main();
} catch (err) {
  console.error(`setup: ${err.message}`);
  process.exitCode = 1;
}
