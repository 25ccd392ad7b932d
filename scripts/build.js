'use strict';
// Builds the native library and copies it to where js/binding.js looks first. --debug builds without optimisation. Also
// works in an installed package: node node_modules/node-unix-socket/scripts/build.js.

const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { triple } = require('../js/platform');

const root = path.join(__dirname, '..');

const installed = path.basename(path.dirname(root)) === 'node_modules';

/** Builds the library. Returns its path as cargo reports it, whatever the target directory is. */
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

/** Replaces a file by rename(2), so that processes keep the old file mapped and never see an incomplete one. */
function installAtomically(from, to) {
  const bytes = fs.readFileSync(from);
  if (fs.existsSync(to) && fs.readFileSync(to).equals(bytes)) return;
  const temporary = `${to}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, bytes, { mode: 0o755 });
  fs.renameSync(temporary, to);
}

/** Builds in a temporary folder, because cargo would leave 100 MB of intermediate files in node_modules. */
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
