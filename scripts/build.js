'use strict';
// Builds the native library and puts it where js/binding.js looks first. --debug: without optimisation. In an installed
// package, too: node node_modules/node-unix-socket/scripts/build.js.

const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { triple } = require('../js/platform');

const root = path.join(__dirname, '..');

const installed = path.basename(path.dirname(root)) === 'node_modules';

/** The library's path, as cargo itself reports it: exact whatever the target directory is. */
function cargoBuild(options) {
  const args = ['build', '--locked', '--lib', '--message-format=json-render-diagnostics', ...options];
  const { error, status, stdout } = spawnSync('cargo', args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: Infinity,
  });
  if (error) throw new Error(`cannot run cargo (${error.message}): install Rust from https://rustup.rs`);
  if (status !== 0) throw new Error(`cargo build ended with status ${status}`);
  const files = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter((message) => message.reason === 'compiler-artifact' && message.target.name === 'node_unix_socket')
    .map((message) => message.filenames.find((file) => /\.(so|dylib)$/.test(file)))
    .filter(Boolean);
  if (files.length !== 1) throw new Error('cargo built no library node_unix_socket');
  return files[0];
}

/** By rename: processes that have the old file mapped keep it, and no one sees half a file. */
function installAtomically(from, to) {
  const bytes = fs.readFileSync(from);
  if (fs.existsSync(to) && fs.readFileSync(to).equals(bytes)) return;
  const temporary = `${to}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, bytes, { mode: 0o755 });
  fs.renameSync(temporary, to);
}

/** A hundred megabytes of what cargo builds on the way would stay in node_modules. */
function inTemporaryFolder(build) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'node-unix-socket-'));
  try {
    return build(['--target-dir', folder]);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function main() {
  const binary = `node-unix-socket.${triple()}.node`;
  const file = path.join(root, binary);
  try {
    fs.accessSync(root, fs.constants.W_OK);
  } catch (err) {
    throw new Error(`cannot write ${file} (${err.code})`);
  }
  const profile = process.argv.includes('--debug') ? [] : ['--release'];
  const build = (options) => installAtomically(cargoBuild([...profile, ...options]), file);
  if (installed) inTemporaryFolder(build);
  else build([]);
  console.log(`built ${installed ? file : binary}`);
}

try {
  main();
} catch (err) {
  console.error(`build: ${err.message}`);
  process.exitCode = 1;
}
