'use strict';
// npm run test:packages: pnpm and yarn install the package from a registry with the packages of all platforms. Each
// project must send a message. modules.js uses npm.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { packEvery, serve } = require('../../helpers/registry');
const { triple } = require('../../../js/platform');
const { PROJECT, USE, managers, prepare, succeed, tmp } = require('./tools');

const ours = `node-unix-socket-${triple()}`;
const options = { timeout: 300000 };

/** An empty project and a registry with the packages of all platforms. */
async function prepared(t) {
  const files = {
    'package.json': JSON.stringify(PROJECT),
    'use.js': `const { createSocketPair } = require('node-unix-socket');${USE}`,
  };
  return prepare(t, files, await serve(t, packEvery(tmp(t))));
}

const has = (project, ...names) => fs.existsSync(path.join(project, ...names));

async function assertMoves(t, project, args = []) {
  assert.equal(await succeed(t, process.execPath, [...args, 'use.js'], { cwd: project }), 'moved\n');
}

test('pnpm with isolated node_modules: the project sends a message', options, async (t) => {
  const at = await prepared(t);
  await managers['pnpm 10'](t, at);
  assert.ok(has(at.project, 'node_modules', '.pnpm'));
  assert.ok(!has(at.project, 'node_modules', ours), 'the optional dependency is not at the top');
  await assertMoves(t, at.project);
});

test('yarn 1 with flat node_modules: the project sends a message', options, async (t) => {
  const at = await prepared(t);
  await managers['yarn 1'](t, at);
  assert.ok(has(at.project, 'node_modules', ours));
  await assertMoves(t, at.project);
});

for (const linker of ['pnp', 'node-modules', 'pnpm']) {
  test(`yarn 4 with nodeLinker ${linker}: the project sends a message`, options, async (t) => {
    const at = await prepared(t);
    await managers['yarn 4'](t, at, linker);
    if (linker === 'pnp') {
      const unplugged = fs.readdirSync(path.join(at.project, '.yarn', 'unplugged'));
      assert.ok(
        unplugged.some((name) => name.startsWith(ours)),
        `a binary cannot be loaded from an archive: ${unplugged}`,
      );
      assert.ok(!has(at.project, 'node_modules', ours));
    }
    await assertMoves(t, at.project, linker === 'pnp' ? ['-r', './.pnp.cjs'] : []);
  });
}
