'use strict';

/** Tools from npm, installed into build/tools, and projects with the installed package. */
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { tmp } = require('../../helpers');
const { start } = require('../../helpers/processes');
const { install } = require('../../helpers/registry');
const root = require('../../../scripts/lib/root');

/** The environment without the variables of npm and of the test runner. */
const environment = (more) => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_(OPTIONS|TEST_CONTEXT)$/i.test(name)),
  ),
  ...more,
});

/** The node_modules folder with the package `spec`, name@version, which is installed if it is missing. */
function tool(spec) {
  const folder = path.join(root, 'build', 'tools', spec.replace('/', '+'));
  const done = path.join(folder, 'done');
  if (!fs.existsSync(done)) {
    fs.mkdirSync(folder, { recursive: true });
    const args = ['i', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', spec];
    const { status, stderr } = spawnSync('npm', args, { cwd: folder, env: environment(), encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stderr}`);
    fs.writeFileSync(done, '');
  }
  return path.join(folder, 'node_modules');
}

/** Runs a program. Resolves to { code, signal, stdout, stderr }. */
async function run(t, file, args, { cwd, env } = {}) {
  const child = start(t, file, args, { cwd, env: environment(env) });
  child.end();
  return child.done;
}

/** Runs a program that must succeed. Resolves to its output. */
async function succeed(t, file, args, options) {
  const { code, signal, stdout, stderr } = await run(t, file, args, options);
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, `${file} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

/** Writes files (name -> text) into a folder. */
function write(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
}

const PROJECT = { name: 'project', version: '1.0.0', dependencies: { 'node-unix-socket': '*' } };

/** A project in which npm has installed the packed package. */
const installed = (t) => install(t, PROJECT);

/** Source that sends a message and prints it when it arrives. */
const USE = `
const [here, there] = createSocketPair('seqpacket');
there.on('data', (message) => {
  console.log(String(message));
  here.close();
  there.close();
});
here.write('moved');
`;

module.exports = { PROJECT, USE, installed, run, succeed, tmp, tool, write };
