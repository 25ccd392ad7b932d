'use strict';
// npm run test:asan | test:tsan | test:valgrind [-- --node 20,24] [files of __test__]
// Builds the library with a sanitizer in a copy of the tree (.tools/NAME/tree, so that the normal binary is kept) and runs
// the tests there. Fails if a test fails, if a process writes a report, or if a planted fault (src/planted.rs) is not
// reported.

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { triple } = require('../../js/platform');
const { executable } = require('../lib/nodes');
const root = require('../lib/root');
const kinds = require('./sanitizers/kinds');
const { testFiles } = require('../lib/test-files');

const LEFT_OUT = /^(\.git|\.tools|build|node_modules|target|.*\.node|.*\.log)$/;
/** The maximum number of lines to print of each report. */
const REPORT_LINES = 100;

function run(command, args, { env = {}, ...options } = {}) {
  const all = { cwd: root, stdio: 'inherit', ...options, env: { ...process.env, ...env } };
  const { error, status, signal } = spawnSync(command, args, all);
  if (error) throw new Error(`cannot run ${command}: ${error.message}`);
  return signal || status;
}

function build({ cargo, cargoEnv, built }, folder) {
  const target = path.join(folder, 'target');
  const args = ['build', '--locked', '--lib', '--target-dir', target, ...cargo];
  if (run('cargo', args, { env: cargoEnv }) !== 0) throw new Error('cargo build failed');
  return path.join(target, ...built, 'libnode_unix_socket.so');
}

/** Copies the sources and tests, with the sanitized binary. */
function copyTree(library, tree) {
  fs.rmSync(tree, { recursive: true, force: true });
  fs.mkdirSync(tree, { recursive: true });
  for (const name of fs.readdirSync(root)) {
    if (!LEFT_OUT.test(name)) fs.cpSync(path.join(root, name), path.join(tree, name), { recursive: true });
  }
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'));
  const binary = path.join(tree, `node-unix-socket.${triple()}.node`);
  fs.copyFileSync(library, binary);
  return binary;
}

/** Runs node with the sanitizer and an empty folder for reports. Returns the exit status and the reports. */
function watched(kind, folder, node, args, options) {
  const reports = path.join(folder, 'reports');
  fs.rmSync(reports, { recursive: true, force: true });
  fs.mkdirSync(reports);
  const [command, ...rest] = [...kind.wrapper(reports), node, ...args];
  const status = run(command, rest, { ...options, env: { ...kind.env(reports), TEST_SLOWNESS: '10' } });
  const texts = fs.readdirSync(reports).map((name) => fs.readFileSync(path.join(reports, name), 'utf8'));
  return { status, reports: texts.filter((text) => text.trim() !== '') };
}

/** The commands for the chosen files: test files in one run of the test runner, other scripts alone. */
function commands({ leftOut = {}, tests: wanted }, files) {
  const named = files.length > 0 ? files : wanted.map((file) => `__test__/${file}`);
  const chosen = named.length > 0 ? named : testFiles().filter((file) => !leftOut[file]);
  const [tests, scripts] = [true, false].map((is) => chosen.filter((file) => file.endsWith('.test.js') === is));
  return [...(tests.length > 0 ? [['scripts/test/suite.js', ...tests]] : []), ...scripts.map((file) => [file])];
}

function main([name, ...args]) {
  const kind = kinds[name];
  const nodes = args[0] === '--node' ? args.splice(0, 2)[1].split(',').map(Number) : kind.nodes;
  const folder = path.join(root, '.tools', name);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(root, '.tools', '.gitignore'), '*\n'); // the folder ignores itself
  kind.prepare();
  const tree = path.join(folder, 'tree');
  const binary = copyTree(build(kind, folder), tree);

  const summary = [];
  for (const version of nodes) {
    const node = executable(version);
    for (const fault of kind.planted) {
      const script = path.join(tree, 'scripts', 'test', 'sanitizers', 'planted.js');
      const { reports } = watched(kind, folder, node, [script, binary, fault], { cwd: tree, stdio: 'ignore' });
      const found = reports.some((text) => /planted/.test(text));
      summary.push([found, `Node ${version}, planted ${fault}: ${found ? 'found' : 'NOT FOUND'}`]);
    }
    for (const command of commands(kind, args)) {
      const { status, reports } = watched(kind, folder, node, command, { cwd: tree });
      for (const text of reports) console.log(text.split('\n').slice(0, REPORT_LINES).join('\n'));
      const ok = status === 0 && reports.length === 0;
      summary.push([ok, `Node ${version}, ${command[0]}: status ${status}, ${reports.length} reports`]);
    }
  }
  for (const [file, reason] of Object.entries(kind.leftOut || {})) console.log(`${name}: left out: ${file}: ${reason}`);
  for (const [ok, text] of summary) console.log(`${name}: ${ok ? 'ok' : 'FAILED'}: ${text}`);
  if (summary.some(([ok]) => !ok)) process.exitCode = 1;
}

try {
  main(process.argv.slice(2));
} catch (err) {
  console.error(`sanitize: ${err.message}`);
  process.exitCode = 1;
}
