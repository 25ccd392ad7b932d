'use strict';

/** Projects with the installed package, and the tools that work on them. */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { tmp } = require('../../helpers');
const { start } = require('../../helpers/processes');
const { install } = require('../../helpers/registry');
const { environment, tool } = require('../../../scripts/lib/npm-tools');

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

/**
 * Package managers as functions that install a project: (t, { project, registry, store }). npm, pnpm and yarn 1 read the
 * registry from the .npmrc of `prepare`.
 */
const managers = {
  npm: (t, { project }) => succeed(t, 'npm', ['install'], { cwd: project }),
  'pnpm 10': (t, at) => pnpm(t, at, tool('pnpm@10'), 'pnpm.cjs'),
  'pnpm 12': (t, at) => pnpm(t, at, tool('pnpm@12'), 'pnpm.mjs'),
  'yarn 1': (t, { project, registry, store }) => {
    const cli = path.join(tool('yarn@1'), 'yarn', 'bin', 'yarn.js');
    const args = [cli, 'install', '--non-interactive', '--cache-folder', path.join(store, 'yarn')];
    return succeed(t, process.execPath, args, { cwd: project, env: { YARN_REGISTRY: registry } });
  },
  'yarn 4': (t, { project, registry, store }, linker = 'node-modules') => {
    const cli = path.join(tool('@yarnpkg/cli-dist@4'), '@yarnpkg', 'cli-dist', 'bin', 'yarn.js');
    write(project, { 'yarn.lock': '' });
    const env = {
      YARN_ENABLE_GLOBAL_CACHE: 'false',
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      YARN_ENABLE_TELEMETRY: 'false',
      YARN_GLOBAL_FOLDER: path.join(store, 'yarn'),
      YARN_IGNORE_PATH: 'true',
      YARN_NODE_LINKER: linker,
      YARN_NPM_MINIMAL_AGE_GATE: '0', // the registry has no publication times
      YARN_NPM_REGISTRY_SERVER: registry,
      YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    };
    return succeed(t, process.execPath, [cli, 'install'], { cwd: project, env });
  },
};

function pnpm(t, { project }, modules, name) {
  const cli = path.join(modules, 'pnpm', 'bin', name);
  return succeed(t, process.execPath, [cli, 'install', '--no-frozen-lockfile'], { cwd: project });
}

/** A project with these files that installs from `registry`. */
function prepare(t, files, registry) {
  const [store, project] = [tmp(t), tmp(t)];
  const folders = `store-dir=${store}/pnpm\ncache-dir=${store}/pnpm-cache\ncache=${store}/npm\n`;
  write(project, { '.npmrc': `registry=${registry}\n${folders}`, ...files });
  return { project, registry, store };
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

module.exports = { PROJECT, USE, installed, managers, prepare, run, succeed, tmp, tool, write };
