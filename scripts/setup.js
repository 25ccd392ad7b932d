'use strict';
// node scripts/setup.js [--no-build] script.js [arguments]
// Prepares a fresh clone (dependencies, native build), then runs the script. Needs no package to be installed. Before it
// installs or compiles anything, it checks that the programs for that are there.

const { spawn, spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const root = path.join(__dirname, '..');

const NODE = 20; // for the tests and tools; the package itself runs on Node.js 12
const RUST = /^rust-version = "1\.(\d+)"/m.exec(fs.readFileSync(path.join(root, 'Cargo.toml'), 'utf8'))[1];
const INTERVAL = 2000;

/** What a program prints for --version, or undefined if it cannot be run. */
function version(program) {
  const { status, stdout } = spawnSync(program, ['--version'], { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

/** What is missing, a line each, with how to get it. */
function missing({ install, build }) {
  const found = [];
  if (Number(process.versions.node.split('.')[0]) < NODE) {
    found.push(`Node.js ${NODE} or later is needed, this is ${process.versions.node}. Get it from https://nodejs.org`);
  }
  if (install && !version('npm')) found.push('npm is missing. It comes with Node.js from https://nodejs.org');
  if (!build) return found;
  const [, minor] = /^cargo 1\.(\d+)/.exec(version('cargo')) || [];
  if (minor === undefined) {
    found.push(`cargo is missing. Install Rust 1.${RUST} or later from https://rustup.rs`);
  } else if (Number(minor) < Number(RUST)) {
    found.push(`Rust 1.${RUST} or later is needed, this is 1.${minor}. Run: rustup update stable`);
  }
  const linker = Object.keys(process.env).some((name) => /^CARGO_TARGET_.*_LINKER$/.test(name));
  if (!linker && !version('cc')) {
    found.push('cc, which links the binary, is missing. Debian: apt-get install gcc; macOS: xcode-select --install');
  }
  return found;
}

/** Runs a program and resolves to its exit status. Names it first and, where it cannot show progress, the time that it takes. */
function run(what, command, args, stdio) {
  console.error(`setup: ${what}`);
  const started = Date.now();
  const show = () => console.error(`setup: ${what}, ${Math.round((Date.now() - started) / 1000)} s`);
  const timer = process.stderr.isTTY && stdio !== 'ignore' ? undefined : setInterval(show, INTERVAL);
  return new Promise((resolve, reject) => {
    spawn(command, args, { cwd: root, stdio })
      .on('error', (err) => reject(new Error(`cannot run ${command}: ${err.message}`)))
      .on('close', (status, signal) => resolve(status === null ? signal : status));
  }).finally(() => clearInterval(timer));
}

async function mustRun(what, command, args, stdio) {
  const status = await run(what, command, args, stdio);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

function lockedPackages(file) {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, file), 'utf8')).packages;
  } catch (err) {
    if (err.code === 'ENOENT') return null;
    throw err;
  }
}

/** Compares what npm recorded at the installation with the lock file. Optional packages of other platforms may be missing. */
function dependenciesAreCurrent() {
  const installed = lockedPackages('node_modules/.package-lock.json');
  if (!installed) return false;
  return Object.entries(lockedPackages('package-lock.json')).every(([where, { integrity, optional }]) => {
    if (where === '') return true;
    return installed[where] ? installed[where].integrity === integrity : optional;
  });
}

/** Tests and benchmarks compare with unix-dgram. If its native part does not compile, they skip that. */
async function compileUnixDgram() {
  const folder = path.join(root, 'node_modules', 'unix-dgram');
  const marker = path.join(folder, '.build-tried');
  if (!fs.existsSync(folder) || fs.existsSync(marker)) return;
  fs.writeFileSync(marker, '');
  const what = 'compiling unix-dgram, which tests and benchmarks compare with';
  const status = await run(what, 'npm', ['rebuild', 'unix-dgram', '--ignore-scripts=false'], 'ignore');
  const built = status === 0 && fs.existsSync(path.join(folder, 'build', 'Release', 'unix_dgram.node'));
  if (!built) console.error('setup: unix-dgram did not compile, its comparisons are skipped');
}

async function main() {
  const args = process.argv.slice(2);
  const build = args[0] !== '--no-build';
  if (!build) args.shift();
  const install = !dependenciesAreCurrent();
  const problems = missing({ install, build });
  for (const line of problems) console.error(`setup: ${line}`);
  if (problems.length > 0) {
    process.exitCode = 1;
    return;
  }
  if (install) await mustRun('npm ci (installs the development dependencies)', 'npm', ['ci'], 'inherit');
  if (build) {
    if (!args[0].startsWith('examples')) await compileUnixDgram();
    await mustRun('cargo build --release', process.execPath, ['scripts/build.js'], ['ignore', 'ignore', 'inherit']);
  }
  const { status, signal } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (signal) process.kill(process.pid, signal);
  process.exitCode = status === null ? 1 : status;
}

main().catch((err) => {
  console.error(`setup: ${err.message}`);
  process.exitCode = 1;
});
