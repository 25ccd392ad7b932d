'use strict';
// The package on a read-only file system, as in a container image.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { version } = require('../../package.json');
const { deadline, sockPath, tmp } = require('../helpers');
const { binary, built, install, installOptional, root } = require('../helpers/installed');
const { start } = require('../helpers/processes');

const NOBODY = 65534;
const superuser = process.getuid() === 0;

/** Source that drops the privileges of the superuser. */
const unprivileged = superuser ? `process.setgid(${NOBODY}); process.setuid(${NOBODY});` : '';

/** An installed package that every user can read and no user except the superuser can write. */
function readOnly(t) {
  const folders = [];
  t.after(() => {
    for (const one of folders) fs.chmodSync(one, 0o755); // so that they can be removed
  });
  const folder = install(t);
  const library = installOptional(folder, version, built);
  fs.mkdirSync(path.join(folder, 'scripts'));
  fs.copyFileSync(path.join(root, 'scripts', 'build.js'), path.join(folder, 'scripts', 'build.js'));
  const project = path.join(folder, '..', '..');
  const modules = path.join(folder, '..');
  folders.push(project, modules, ...fs.readdirSync(modules).map((name) => path.join(modules, name)));
  for (const one of folders) fs.chmodSync(one, 0o555);
  return { folder, library };
}

/** Runs source in a Node.js process without privileges. */
function asNobody(t, source) {
  const child = start(t, process.execPath, ['-e', unprivileged + source], { cwd: '/' });
  child.end();
  return child.done;
}

/** Runs Node.js with the folder on a read-only mount, if the system allows that. */
function onReadOnlyMount(t, folder, args) {
  const unshare = ['unshare', superuser ? '-m' : '-rm'];
  const mount = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"`;
  const mounted = [...unshare, 'sh', '-c', mount, folder];
  const allowed = spawnSync(mounted[0], [...mounted.slice(1), 'true']).status === 0;
  const [file, ...rest] = [...(allowed ? mounted : []), process.execPath, ...args];
  const child = start(t, file, rest, { cwd: '/' });
  child.end();
  return child.done;
}

const use = (folder, at) => `
  const { DgramSocket } = require(${JSON.stringify(folder)});
  const socket = new DgramSocket();
  try { socket.bind(${JSON.stringify(path.join(folder, 's'))}); } catch (err) { console.log(err.code, err.syscall); }
  socket.bind(${JSON.stringify(at)});
  socket.on('data', (data) => { console.log(String(data)); socket.close(); });
  socket.send('arrived', ${JSON.stringify(at)});`;

test('the package works on a read-only file system; bind() to a path there fails with EROFS', {
  timeout: deadline,
}, async (t) => {
  const { folder } = readOnly(t);
  const { code, stdout, stderr } = await onReadOnlyMount(t, path.join(folder, '..', '..'), [
    '-e',
    use(folder, sockPath(t)),
  ]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.match(stdout, /^(EROFS|EACCES) bind\narrived\n$/);
});

test('the package works for a user without write permission', { timeout: deadline }, async (t) => {
  const { folder } = readOnly(t);
  const at = sockPath(t);
  fs.chmodSync(path.dirname(at), 0o777);
  const { code, stdout, stderr } = await asNobody(t, use(folder, at));
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'EACCES bind\narrived\n', stderr: '' });
});

test('a binary that the user may not read: the error contains "permission denied"', {
  timeout: deadline,
}, async (t) => {
  const { folder, library } = readOnly(t);
  fs.chmodSync(library, 0);
  const source = `try { require(${JSON.stringify(folder)}); } catch (err) { console.log(err.code, err.message); }`;
  const { code, stdout, stderr } = await asNobody(t, source);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.match(stdout, /^ERR_NATIVE_BINDING_NOT_FOUND .*permission denied/is);
});

test('a build without write permission fails at once', { timeout: deadline }, async (t) => {
  const { folder } = readOnly(t);
  const script = path.join(folder, 'scripts', 'build.js');
  const { code, stdout, stderr } = await asNobody(t, `require(${JSON.stringify(script)});`);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
  assert.match(stderr, new RegExp(`^build: cannot write .*${binary} \\(E(ACCES|ROFS)\\)`));
});

test('a build without cargo fails with an error that names rustup', { timeout: deadline }, async (t) => {
  const child = start(t, process.execPath, [path.join(root, 'scripts', 'build.js')], { env: { PATH: tmp(t) } });
  child.end();
  const { code, stdout, stderr } = await child.done;
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
  assert.match(stderr, /^build: cannot run cargo \(.*ENOENT.*\): install Rust from https:\/\/rustup\.rs\n$/);
});
