'use strict';
// npm run test:packages: pnpm and yarn install the package from a registry with the packages of all platforms. Each
// project must send a message. modules.js uses npm.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { packEvery, serve } = require('../../helpers/registry');
const { triple } = require('../../../js/platform');
const { PROJECT, USE, succeed, tmp, tool, write } = require('./tools');

const ours = `node-unix-socket-${triple()}`;
const options = { timeout: 300000 };

/** An empty project, a registry and a folder for the store of a package manager. */
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

test('pnpm with isolated node_modules: the project sends a message', options, async (t) => {
  const { project } = await prepare(t);
  const cli = path.join(tool('pnpm@10'), 'pnpm', 'bin', 'pnpm.cjs');
  await succeed(t, process.execPath, [cli, 'install', '--no-frozen-lockfile'], { cwd: project });
  assert.ok(has(project, 'node_modules', '.pnpm'));
  assert.ok(!has(project, 'node_modules', ours), 'the optional dependency is not at the top');
  await assertMoves(t, project);
});

test('yarn 1 with flat node_modules: the project sends a message', options, async (t) => {
  const { project, registry, store } = await prepare(t);
  const cli = path.join(tool('yarn@1'), 'yarn', 'bin', 'yarn.js');
  const args = ['install', '--non-interactive', '--cache-folder', path.join(store, 'yarn')];
  await succeed(t, process.execPath, [cli, ...args], { cwd: project, env: { YARN_REGISTRY: registry } });
  assert.ok(has(project, 'node_modules', ours));
  await assertMoves(t, project);
});

for (const linker of ['pnp', 'node-modules', 'pnpm']) {
  test(`yarn 4 with nodeLinker ${linker}: the project sends a message`, options, async (t) => {
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
      YARN_NPM_MINIMAL_AGE_GATE: '0', // the registry has no publication times
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
