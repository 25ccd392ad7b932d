'use strict';
// npm run test:source, which compiles for a minute: the published package without a prebuilt binary. The error of
// require() names the command that builds one, and that command works.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { binary, root } = require('../helpers/installed');
const { start } = require('../helpers/processes');
const { install } = require('../helpers/registry');

async function run(t, args, options = {}) {
  const child = start(t, process.execPath, args, options);
  child.end();
  return child.done;
}

test('the package can be built from its sources', { timeout: 600000 }, async (t) => {
  const manifest = { dependencies: { 'node-unix-socket': '*' } };
  const project = await install(t, manifest, [], ['--omit=optional']);
  const folder = path.join(project, 'node_modules', 'node-unix-socket');
  assert.deepEqual(
    fs.readdirSync(path.dirname(folder)).filter((name) => !name.startsWith('.')),
    ['node-unix-socket'],
  );

  const { code, stderr } = await run(t, ['-e', "require('node-unix-socket')"], { cwd: project });
  assert.equal(code, 1);
  const [, script] = /sources in the package: node (\S+)/.exec(stderr);
  assert.equal(fs.realpathSync(script), fs.realpathSync(path.join(folder, 'scripts', 'build.js')));

  await t.test('the build without cargo fails with an error that names it', async (t) => {
    const { code, stderr } = await run(t, [script], { env: { PATH: project } });
    assert.equal(code, 1);
    assert.match(stderr, /^build: cannot run cargo .*install Rust from https:/);
  });

  await t.test('the build with cargo succeeds and leaves only the binary', async (t) => {
    const before = fs.readdirSync(folder);
    const { code, stdout, stderr } = await run(t, [script], { cwd: project });
    assert.equal(code, 0, stderr);
    assert.equal(fs.realpathSync(/^built (.*)$/m.exec(stdout)[1]), fs.realpathSync(path.join(folder, binary)));
    assert.deepEqual(fs.readdirSync(folder).sort(), [...before, binary].sort());
  });

  await t.test('the built binary passes the smoke suite', async (t) => {
    const smoke = path.join(folder, '__test__', 'smoke', 'smoke.js'); // the path from which smoke.js finds the package
    fs.mkdirSync(path.dirname(smoke), { recursive: true });
    fs.copyFileSync(path.join(root, '__test__', 'smoke', 'smoke.js'), smoke);
    const { code, stdout, stderr } = await run(t, [smoke], { cwd: project });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^ok /m);
  });
});
