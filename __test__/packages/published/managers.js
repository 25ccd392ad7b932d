'use strict';
// npm run test:packages: what pnpm and yarn make of the packages, from a registry that has those of all platforms. Each
// project moves a message. npm itself is in modules.js.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { packEvery, serve } = require('../../helpers/registry');
const { triple } = require('../../../js/platform');
const { PROJECT, USE, succeed, tmp, tool, write } = require('./tools');

const ours = `node-unix-socket-${triple()}`;
const options = { timeout: 300000 };

/** An empty project, a registry and a place for what a package manager keeps. */
async function prepare(t) {
  const [store, project] = [tmp(t), tmp(t)];
  const registry = await serve(t, packEvery(store));
  write(project, {
    'package.json': JSON.stringify(PROJECT),
    '.npmrc': `registry=${registry}\nstore-dir=${store}/pnpm\ncache-dir=${store}/pnpm-cache\n`,
    'use.js': `const { createSocketPair } = require('node-unix-socket');${USE}`,
  });
  return { project, registry, store };
}

const has = (project, ...names) => fs.existsSync(path.join(project, ...names));

async function assertMoves(t, project, args = []) {
  assert.equal(await succeed(t, process.execPath, [...args, 'use.js'], { cwd: project }), 'moved\n');
}

test('pnpm: isolated node_modules', options, async (t) => {
  const { project } = await prepare(t);
  const cli = path.join(tool('pnpm@10'), 'pnpm', 'bin', 'pnpm.cjs');
  await succeed(t, process.execPath, [cli, 'install', '--no-frozen-lockfile'], { cwd: project });
  assert.ok(has(project, 'node_modules', '.pnpm'));
  assert.ok(!has(project, 'node_modules', ours), 'only the package itself sees its optional dependency');
  await assertMoves(t, project);
});

test('yarn 1: flat node_modules', options, async (t) => {
  const { project, registry, store } = await prepare(t);
  const cli = path.join(tool('yarn@1'), 'yarn', 'bin', 'yarn.js');
  const args = ['install', '--non-interactive', '--cache-folder', path.join(store, 'yarn')];
  await succeed(t, process.execPath, [cli, ...args], { cwd: project, env: { YARN_REGISTRY: registry } });
  assert.ok(has(project, 'node_modules', ours));
  await assertMoves(t, project);
});

for (const linker of ['pnp', 'node-modules', 'pnpm']) {
  test(`yarn 4: nodeLinker ${linker}`, options, async (t) => {
    const { project, registry, store } = await prepare(t);
    const cli = path.join(tool('@yarnpkg/cli-dist@4'), '@yarnpkg', 'cli-dist', 'bin', 'yarn.js');
    write(project, { 'yarn.lock': '' });
    const env = {
      YARN_ENABLE_GLOBAL_CACHE: 'false',
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      YARN_ENABLE_TELEMETRY: 'false',
      YARN_GLOBAL_FOLDER: path.join(store, 'yarn'),
      YARN_IGNORE_PATH: 'true',
      YARN_NODE_LINKER: linker,
      YARN_NPM_MINIMAL_AGE_GATE: '0', // the registry does not tell when things were published
      YARN_NPM_REGISTRY_SERVER: registry,
      YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    };
    await succeed(t, process.execPath, [cli, 'install'], { cwd: project, env });
    if (linker === 'pnp') {
      const unplugged = fs.readdirSync(path.join(project, '.yarn', 'unplugged'));
      assert.ok(
        unplugged.some((name) => name.startsWith(ours)),
        `a binary cannot be loaded from an archive: ${unplugged}`,
      );
      assert.ok(!has(project, 'node_modules', ours));
    }
    await assertMoves(t, project, linker === 'pnp' ? ['-r', './.pnp.cjs'] : []);
  });
}
