'use strict';
// js/binding.js: which binaries it loads and refuses, and its errors.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { platformPackage } = require('../../js/packages');
const { triple } = require('../../js/platform');
const { targets } = require('../../scripts/lib/targets');
const { version } = require('../../package.json');
const { deadline, runChild } = require('../helpers');
const {
  WORKS,
  binary,
  built,
  install,
  installOptional,
  load,
  optionalName,
  pretend,
  root,
} = require('../helpers/installed');

for (const [runtime, prelude, code] of [
  ['Bun', pretend('process.versions', 'bun', '1.4.0'), 'ERR_UNSUPPORTED_RUNTIME'],
  ['Deno', pretend('process.versions', 'deno', '2.9.0'), 'ERR_UNSUPPORTED_RUNTIME'],
  ['Windows', pretend('process', 'platform', 'win32'), 'ERR_UNSUPPORTED_PLATFORM'],
  ['FreeBSD', pretend('process', 'platform', 'freebsd'), 'ERR_UNSUPPORTED_PLATFORM'],
]) {
  test(`on ${runtime} require() works without loading a binary, and sockets throw ${code}`, {
    timeout: deadline,
  }, async (t) => {
    const noLoading = `process.dlopen = () => { throw new Error('refused'); };`;
    const result = await load(t, root, prelude + noLoading);
    assert.equal(result.require, 'true');
    for (const name of ['use', 'connection', 'server', 'call']) {
      const failure = result[name];
      assert.equal(failure?.code, code, name);
      assert.match(failure.message, new RegExp(runtime === 'Windows' ? 'win32' : runtime, 'i'));
    }
  });
}

for (const runtime of ['bun', 'deno']) {
  test(`on ${runtime} createReuseportFd() and closeFd(), which need no event loop, load the binary and work`, {
    timeout: deadline,
  }, async (t) => {
    const program = `${pretend('process.versions', runtime, '9.9.9')}
    const { closeFd, createReuseportFd } = require(args);
    for (const type of ['tcp', 'udp']) closeFd(createReuseportFd(0, '127.0.0.1', { type }));
    setImmediate(() => console.log('worked'));`;
    const { code, signal, stdout, stderr } = await runChild(t, program, { args: root });
    assert.deepEqual({ code, signal, stdout, stderr }, { code: 0, signal: null, stdout: 'worked\n', stderr: '' });
  });
}

test('the binary uses only functions of libuv that Deno 2 exports, because it could not be loaded there otherwise', () => {
  const exported = (
    'uv_async_init uv_async_send uv_check_init uv_check_start uv_check_stop uv_close uv_handle_get_data uv_handle_set_data ' +
    'uv_handle_size uv_idle_init uv_idle_start uv_idle_stop uv_poll_init uv_poll_start uv_poll_stop uv_ref uv_timer_init ' +
    'uv_timer_start uv_timer_stop uv_unref'
  ).split(' ');
  const source = fs.readFileSync(path.join(root, 'src', 'uv', 'handle.rs'), 'utf8');
  const used = source.match(/(?<=\bfn )uv_\w+/g);
  assert.deepStrictEqual(
    used.filter((name) => !exported.includes(name)),
    [],
  );
});

test('without a binary: the error names the platform, both places and the command that builds one', {
  timeout: deadline,
}, async (t) => {
  const { require: failure } = await load(t, install(t));
  assert.equal(failure.code, 'ERR_NATIVE_BINDING_NOT_FOUND');
  for (const part of [triple(), `./${binary}: `, `${optionalName}: `, path.join('scripts', 'build.js')]) {
    assert.ok(failure.message.includes(part), `${part} in ${failure.message}`);
  }
});

test('an optional package of another version is refused', { timeout: deadline }, async (t) => {
  const folder = install(t);
  installOptional(folder, '0.2.7');
  const { require: failure } = await load(t, folder);
  assert.equal(failure.code, 'ERR_NATIVE_BINDING_NOT_FOUND');
  assert.ok(failure.message.includes(`version 0.2.7 is installed, ${version} is needed`), failure.message);
});

test('the optional package of this version is used', { timeout: deadline }, async (t) => {
  const folder = install(t);
  installOptional(folder, version, built);
  assert.deepEqual(await load(t, folder), WORKS);
});

test('each target has a literal require() for bundlers', () => {
  for (const { name } of targets) {
    for (const what of ['version', 'file', 'binary']) {
      // The package of 0.2.7 for this platform may be installed as a development dependency.
      if (name !== triple()) {
        const missing = {
          message: `Cannot find module 'node-unix-socket-${name}${what === 'version' ? '/package.json' : ''}'`,
        };
        assert.throws(() => platformPackage(name, what), missing);
      }
    }
  }
});

test('a platform without a prebuilt binary: the error names the platforms that have one', {
  timeout: deadline,
}, async (t) => {
  const { require: failure } = await load(t, install(t), pretend('process', 'arch', 'riscv64'));
  assert.match(failure.message, /There is no prebuilt binary for \w+-riscv64\S*, only for linux-x64-gnu, /);
});

test('a package installed on another platform: the error names the optional package that is installed', {
  timeout: deadline,
}, async (t) => {
  const folder = install(t);
  const foreign = 'node-unix-socket-darwin-arm64';
  fs.mkdirSync(path.join(folder, '..', foreign));
  const prelude = process.platform === 'darwin' ? pretend('process', 'arch', 'x64') : '';
  const { require: failure } = await load(t, folder, prelude);
  assert.ok(failure.message.includes(`Found binaries for other platforms only: ${foreign}.`), failure.message);
});

test('the platform is detected without a diagnostic report', { timeout: deadline }, async (t) => {
  const { stdout } = await runChild(
    t,
    `process.report.getReport = () => { throw new Error('slow'); };
    console.log(require(args).triple());`,
    { args: path.join(root, 'js', 'platform.js') },
  );
  const { glibcVersionRuntime } = process.report.getReport().header;
  assert.equal(stdout.trim(), triple());
  if (process.platform === 'linux') assert.equal(stdout.includes('gnu'), Boolean(glibcVersionRuntime));
});
