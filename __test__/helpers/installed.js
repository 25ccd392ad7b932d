'use strict';

/** Copies of the package as npm installs it, with or without a binary, and the result of loading them. */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { runChild, tmp } = require('.');
const { triple } = require('../../js/platform');
const root = require('../../scripts/lib/root');
const { targets } = require('../../scripts/lib/targets');

const binary = `node-unix-socket.${triple()}.node`;
const built = path.join(root, binary);
const optionalName = `node-unix-socket-${triple()}`;

/** A copy of the package without its binary, in node_modules of a new folder; `fields` replace those of package.json. */
function install(t, fields = {}, project = tmp(t)) {
  const folder = path.join(project, 'node_modules', 'node-unix-socket');
  fs.mkdirSync(folder, { recursive: true });
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const optionalDependencies = Object.fromEntries(
    targets.map(({ name }) => [`node-unix-socket-${name}`, manifest.version]),
  );
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ ...manifest, optionalDependencies, ...fields }));
  fs.cpSync(path.join(root, 'js'), path.join(folder, 'js'), { recursive: true });
  return folder;
}

/** Installs the optional package next to it. Returns the path of its binary, which exists only if `library` is given. */
function installOptional(folder, version, library) {
  const optional = path.join(folder, '..', optionalName);
  fs.mkdirSync(optional);
  const manifest = { name: optionalName, version, main: binary, files: [binary] };
  fs.writeFileSync(path.join(optional, 'package.json'), JSON.stringify(manifest));
  if (library) fs.copyFileSync(library, path.join(optional, binary));
  return path.join(optional, binary);
}

/** Loads and uses a package in a child process. Resolves to the results. */
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
      const { DgramSocket, SeqpacketServer, SeqpacketSocket, createReuseportFd } = require(args);
      attempt('use', () => new DgramSocket().close());
      // macOS has no seqpacket sockets.
      if (process.platform !== 'darwin') {
        attempt('connection', () => void new SeqpacketSocket().destroy());
        attempt('server', () => new SeqpacketServer().close());
      }
      attempt('call', () => createReuseportFd(0, '127.0.0.1') > 0);
    }
    console.log(JSON.stringify(result));`,
    { args: folder },
  );
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

/** The results of load() for a package that works. */
const WORKS = {
  require: 'true',
  use: 'undefined',
  ...(process.platform === 'darwin' ? {} : { connection: 'undefined', server: 'undefined' }),
  call: 'true',
};

const pretend = (object, property, value) =>
  `Object.defineProperty(${object}, '${property}', { value: '${value}', configurable: true });`;

module.exports = { WORKS, binary, built, install, installOptional, load, optionalName, pretend, root };
