'use strict';
// js/binding.js: what it loads, what it refuses to load, and what it says then.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { triple } = require('../js/platform');
const { version } = require('../package.json');
const { deadline, runChild, tmp } = require('./helpers');

const root = path.join(__dirname, '..');
const binary = `node-unix-socket.${triple()}.node`;

/** A copy of the package without its binary, in node_modules of an otherwise empty folder. */
function install(t) {
  const folder = path.join(tmp(t), 'node_modules', 'node-unix-socket');
  fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  fs.cpSync(path.join(root, 'js'), path.join(folder, 'js'), { recursive: true });
  return folder;
}

/** The optional package beside it. */
function installOptional(folder, packageVersion, library) {
  const name = `node-unix-socket-${triple()}`;
  const optional = path.join(folder, '..', name);
  fs.mkdirSync(optional);
  fs.writeFileSync(
    path.join(optional, 'package.json'),
    JSON.stringify({ name, version: packageVersion, main: binary, files: [binary] }),
  );
  if (library) fs.copyFileSync(library, path.join(optional, binary));
}

/** Loads a package in a child and uses it; the child prints what came of it as JSON. */
async function load(t, folder, prelude = '') {
  const { code, signal, stdout, stderr } = await runChild(
    t,
    `${prelude}
    const result = {};
    const attempt = (name, fn) => {
      try { result[name] = String(fn()); } catch (err) { result[name] = { code: err.code, message: err.message }; }
    };
    attempt('require', () => Object.keys(require(args)).length > 0);
    if (result.require === 'true') {
      const { DgramSocket, createReuseportFd } = require(args);
      attempt('use', () => new DgramSocket().close());
      attempt('call', () => createReuseportFd(0, '127.0.0.1') > 0);
    }
    console.log(JSON.stringify(result));`,
    { args: folder },
  );
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

const pretend = (object, property, value) =>
  `Object.defineProperty(${object}, '${property}', { value: '${value}', configurable: true });`;

for (const [runtime, prelude, code] of [
  ['Bun', pretend('process.versions', 'bun', '1.4.0'), 'ERR_UNSUPPORTED_RUNTIME'],
  ['Deno', pretend('process.versions', 'deno', '2.9.0'), 'ERR_UNSUPPORTED_RUNTIME'],
  ['Windows', pretend('process', 'platform', 'win32'), 'ERR_UNSUPPORTED_PLATFORM'],
  ['FreeBSD', pretend('process', 'platform', 'freebsd'), 'ERR_UNSUPPORTED_PLATFORM'],
]) {
  test(`${runtime}: require works, no binary is loaded, use throws ${code}`, { timeout: deadline }, async (t) => {
    const noLoading = `process.dlopen = () => { throw new Error('loaded'); };`;
    const result = await load(t, root, prelude + noLoading);
    assert.equal(result.require, 'true');
    for (const failure of [result.use, result.call]) {
      assert.equal(failure.code, code);
      assert.match(failure.message, new RegExp(runtime === 'Windows' ? 'win32' : runtime, 'i'));
    }
  });
}

test('no binary: the error names the platform, both places and a way out', { timeout: deadline }, async (t) => {
  const { require: failure } = await load(t, install(t));
  assert.equal(failure.code, 'ERR_NATIVE_BINDING_NOT_FOUND');
  for (const part of [triple(), `./${binary}: `, `node-unix-socket-${triple()}: `, 'npm run build']) {
    assert.ok(failure.message.includes(part), `${part} in ${failure.message}`);
  }
});

test('a corrupted binary is named with its reason', { timeout: deadline }, async (t) => {
  const folder = install(t);
  fs.writeFileSync(path.join(folder, binary), 'no library');
  const { require: failure } = await load(t, folder);
  assert.equal(failure.code, 'ERR_NATIVE_BINDING_NOT_FOUND');
  assert.match(failure.message, /node: .*(invalid ELF header|file too short|not a mach-o|slice)/);
});

test('an optional package of another version is not loaded', { timeout: deadline }, async (t) => {
  const folder = install(t);
  installOptional(folder, '0.2.7');
  const { require: failure } = await load(t, folder);
  assert.equal(failure.code, 'ERR_NATIVE_BINDING_NOT_FOUND');
  assert.ok(failure.message.includes(`version 0.2.7 is installed, ${version} is needed`), failure.message);
});

test('the optional package of this version is used, also after a broken local file', {
  timeout: deadline,
}, async (t) => {
  const folder = install(t);
  installOptional(folder, version, path.join(root, binary));
  const works = { require: 'true', use: 'undefined', call: 'true' };
  assert.deepEqual(await load(t, folder), works);
  fs.writeFileSync(path.join(folder, binary), '');
  assert.deepEqual(await load(t, folder), works);
});

test('the platform is named without a diagnostic report', { timeout: deadline }, async (t) => {
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
