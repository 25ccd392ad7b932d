'use strict';
// npm run test:source, which compiles for a minute: the published package where no prebuilt binary was installed. The
// error of require() names the command that builds one, and that command works.

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

test('from the sources in the package', { timeout: 600000 }, async (t) => {
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

  await t.test('without cargo: says what is missing', async (t) => {
    const { code, stderr } = await run(t, [script], { env: { PATH: project } });
    assert.equal(code, 1);
    assert.match(stderr, /^build: cannot run cargo .*install Rust from https:/);
  });

  await t.test('with cargo: builds, and leaves nothing but the binary', async (t) => {
    const before = fs.readdirSync(folder);
    const { code, stdout, stderr } = await run(t, [script], { cwd: project });
    assert.equal(code, 0, stderr);
    assert.equal(fs.realpathSync(/^built (.*)$/m.exec(stdout)[1]), fs.realpathSync(path.join(folder, binary)));
    assert.deepEqual(fs.readdirSync(folder).sort(), [...before, binary].sort());
  });

  await t.test('what it built passes the smoke suite', async (t) => {
    const smoke = path.join(folder, '__test__', 'smoke', 'smoke.js'); // from there it finds the package
    fs.mkdirSync(path.dirname(smoke), { recursive: true });
    fs.copyFileSync(path.join(root, '__test__', 'smoke', 'smoke.js'), smoke);
    const { code, stdout, stderr } = await run(t, [smoke], { cwd: project });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^ok /m);
  });
});
