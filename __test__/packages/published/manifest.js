'use strict';
// npm run test:packages: checks of the published package with publint and arethetypeswrong.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { pathToFileURL } = require('node:url');
const { packEvery } = require('../../helpers/registry');
const { succeed, tmp, tool } = require('./tools');

const main = (t) => packEvery(tmp(t)).pop();

test('publint reports no problem', { timeout: 120000 }, async (t) => {
  const cli = path.join(tool('publint@0.3'), 'publint', 'src', 'cli.js');
  assert.match(await succeed(t, process.execPath, [cli, 'run', main(t), '--strict']), /All good!/);
});

test('arethetypeswrong reports no problem for any module resolution', { timeout: 120000 }, async (t) => {
  const core = path.join(tool('@arethetypeswrong/core@0.18'), '@arethetypeswrong', 'core', 'dist', 'index.js');
  const { checkPackage, createPackageFromTarballData } = await import(pathToFileURL(core));
  const { entrypoints, problems } = await checkPackage(
    createPackageFromTarballData(new Uint8Array(fs.readFileSync(main(t)))),
  );
  assert.deepEqual(problems, []);
  const typed = Object.keys(entrypoints).filter((name) => name !== './package.json');
  assert.deepEqual(typed.sort(), Object.keys(require('../../../package.json').exports).slice(0, -1).sort());
});
