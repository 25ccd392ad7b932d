'use strict';
// npm run build:all [-- NAME...]. Cross-compiles the binaries of all or the named platform packages on a Debian machine
// and prints the minimum system of each. Fails if a binary is too large or needs a newer system than documented.

const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { byNumbers, describe } = require('../lib/binary');
const root = require('../lib/root');
const { targets } = require('../lib/targets');

const MAX_SIZE = 700000;
const tools = path.join(root, '.tools');
const output = path.join(tools, 'target');

function run(command, args, env) {
  const { error, status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env });
  if (error) throw new Error(`cannot run ${command}: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${status}`);
}

/** Builds a target with its own standard library, without symbolised backtraces, which is a third of the size. */
function cargo(target) {
  const home = process.env.CARGO_HOME || path.join(os.homedir(), '.cargo');
  const flags = [`--remap-path-prefix=${home}=cargo`, `--remap-path-prefix=${root}=.`];
  if (target.triple.endsWith('musl')) flags.push('-Ctarget-feature=-crt-static');
  const args = ['zigbuild', '--release', '--locked', '--lib', '--target-dir', output];
  args.push('--target', target.glibc ? `${target.triple}.${target.glibc}` : target.triple);
  args.push('-Zbuild-std=std,panic_unwind', '-Zbuild-std-features=panic-unwind');
  // Let the linker of zig omit the symbols, because rustc would call the strip of Apple.
  if (target.macos) {
    args.push('--config', 'profile.release.strip=false');
    flags.push('-Clink-arg=-s');
  }
  run(path.join(tools, 'venv', 'bin', 'cargo-zigbuild'), args, {
    ...process.env,
    PATH: `${path.join(tools, 'venv', 'bin')}${path.delimiter}${process.env.PATH}`,
    RUSTC: path.join(tools, 'rustc'),
    RUSTC_BOOTSTRAP: '1', // build-std is unstable, and the compiler of Debian is a stable one
    CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f'),
    MACOSX_DEPLOYMENT_TARGET: target.macos || '',
  });
  const library = `libnode_unix_socket.${target.macos ? 'dylib' : 'so'}`;
  return path.join(output, target.triple, 'release', library);
}

/** The fault of a binary, '' if there is none. */
function fault(target, found) {
  const [platform, cpu, abi] = target.name.split('-');
  if (found.platform !== platform || found.cpu !== cpu) return `is for ${found.platform} ${found.cpu}`;
  if (found.size > MAX_SIZE) return `is over ${MAX_SIZE} bytes`;
  if (!found.stripped) return 'is not stripped';
  if (platform === 'linux' && found.libc !== (abi === 'musl' ? 'musl' : 'glibc')) return `needs ${found.libc}`;
  if (found.floor && byNumbers(found.floor, target.glibc || target.macos) > 0) return `needs ${found.floor}`;
  return '';
}

const floorOf = ({ platform, libc, floor }) => (platform === 'darwin' ? `macOS ${floor}` : `${libc} ${floor}`.trim());

function main() {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !targets.some((target) => target.name === name));
  if (unknown) throw new Error(`no target ${unknown}; there are ${targets.map(({ name }) => name).join(', ')}`);
  const wanted = targets.filter(({ name }) => names.length === 0 || names.includes(name));
  run(path.join(__dirname, 'install-toolchain.sh'), []);
  for (const target of wanted) {
    const temporary = `${target.file}.tmp`;
    fs.copyFileSync(cargo(target), temporary);
    fs.renameSync(temporary, target.file);
  }
  console.log('target               size     floor');
  for (const target of wanted) {
    const found = describe(target.file);
    const wrong = fault(target, found);
    if (wrong) process.exitCode = 1;
    const size = `${(found.size / 1000).toFixed(0)} kB`;
    console.log(`${target.name.padEnd(20)} ${size.padEnd(8)} ${floorOf(found)}${wrong && `   FAULT: ${wrong}`}`);
  }
}

try {
  main();
} catch (err) {
  console.error(`build:all: ${err.message}`);
  process.exitCode = 1;
}
