'use strict';
// npm run test:fuzz [-- --minutes N] [TARGET ...]
// Builds fuzz/ with cargo-fuzz, checks that the planted fault is found, then runs the targets for N minutes in total (1).
// New inputs stay in .tools/fuzz; fuzz/corpus has the seeds and the inputs of earlier failures. The target `arguments` is
// JavaScript (__test__/hostile/bad-input/arguments.js), because JavaScript checks the arguments.

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const root = require('../lib/root');
const { runProperty } = require('../../__test__/property/child');

const VERSION = '0.13.2';
const tools = path.join(root, '.tools');
const folder = path.join(tools, 'fuzz');
const cargo = path.join(tools, 'cargo');
const ARGUMENTS = 'arguments';
const PLANTED = 'planted';
const PLANTED_SECONDS = 60;

function triple() {
  return spawnSync('rustc', ['-vV'], { encoding: 'utf8' }).stdout.match(/^host: (.*)$/m)[1];
}

function run(command, args, env = {}) {
  const { error, status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) throw new Error(`cannot run ${command}: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`);
}

function build() {
  const bin = path.join(cargo, 'bin');
  if (!fs.existsSync(path.join(bin, 'cargo-fuzz'))) {
    run('cargo', ['install', '--locked', '--quiet', '--root', cargo, `cargo-fuzz@${VERSION}`]);
  }
  // cargo-fuzz uses options of a nightly compiler.
  const env = { RUSTC_BOOTSTRAP: '1', PATH: `${bin}:${process.env.PATH}` };
  run('cargo', ['fuzz', 'build', '--fuzz-dir', 'fuzz', '--target-dir', path.join(folder, 'target')], env);
}

/** Runs a target for some seconds. Returns its status, runs, coverage and standard error. */
function fuzz(target, seconds) {
  const [learnt, artifacts] = ['corpus', 'artifacts'].map((name) => path.join(folder, name, target));
  const seeds = path.join(root, 'fuzz', 'corpus', target);
  for (const each of [learnt, artifacts]) fs.mkdirSync(each, { recursive: true });
  const options = [
    `-max_total_time=${seconds}`,
    `-artifact_prefix=${artifacts}/`,
    '-timeout=10',
    '-print_final_stats=1',
  ];
  const file = path.join(folder, 'target', triple(), 'release', target);
  const corpora = fs.existsSync(seeds) ? [learnt, seeds] : [learnt];
  const { status, stderr } = spawnSync(file, [...options, ...corpora], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const last = (pattern) => Number(([...stderr.matchAll(pattern)].pop() || [0, 0])[1]);
  const runs = last(/stat::number_of_executed_units:\s*(\d+)/g);
  return { status, runs, covered: last(/ cov: (\d+)/g), stderr };
}

function targets() {
  const files = fs.readdirSync(path.join(root, 'fuzz', 'targets')).map((file) => path.basename(file, '.rs'));
  return [ARGUMENTS, ...files.filter((name) => name !== PLANTED)];
}

function report(ok, text) {
  console.log(`fuzz: ${ok ? 'ok' : 'FAILED'}: ${text}`);
  if (!ok) process.exitCode = 1;
}

async function fuzzArguments(seconds) {
  const planted = await runProperty({
    name: ARGUMENTS,
    runs: 2000,
    env: { PROPERTY_PLANTED: '1', PROPERTY_SHRINK: '0' },
  });
  report(planted.failed, `planted argument ${planted.failed ? 'found' : 'NOT FOUND'}`);
  const { failed, text } = await runProperty({ name: ARGUMENTS, runs: `${seconds}s` });
  report(!failed, `${ARGUMENTS}: ${text}${failed ? '' : ` in ${seconds} s`}`);
}

function fuzzRust(chosen, seconds) {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(tools, '.gitignore'), '*\n'); // the folder ignores itself
  build();

  fs.rmSync(path.join(folder, 'corpus', PLANTED), { recursive: true, force: true });
  const planted = fuzz(PLANTED, PLANTED_SECONDS);
  const found = planted.status !== 0 && /AddressSanitizer/.test(planted.stderr);
  report(found, `planted fault ${found ? 'found' : 'NOT FOUND'}`);

  for (const target of chosen) {
    const { status, runs, covered, stderr } = fuzz(target, seconds);
    if (status !== 0) console.log(stderr);
    report(status === 0, `${target}: ${runs} runs in ${seconds} s, ${covered} edges covered`);
  }
}

async function main(args) {
  const at = args.indexOf('--minutes');
  const minutes = at >= 0 ? Number(args.splice(at, 2)[1]) : 1;
  if (!(minutes > 0)) throw new Error('--minutes wants a number');
  const chosen = args.length > 0 ? args : targets();
  const seconds = Math.max(1, Math.round((minutes * 60) / chosen.length));
  if (chosen.includes(ARGUMENTS)) await fuzzArguments(seconds);
  const rust = chosen.filter((name) => name !== ARGUMENTS);
  if (rust.length > 0) fuzzRust(rust, seconds);
}

main(process.argv.slice(2)).catch((err) => {
  console.error(`fuzz: ${err.message}`);
  process.exitCode = 1;
});
