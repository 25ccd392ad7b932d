'use strict';
// Finds and loads the platform's binary. Its exports are the binary's own; where it must not be loaded they are
// stand-ins that throw when used, so that require() itself is always safe.

const { triple, unsupported } = require('./platform');

/** @param {string} code @param {string} message @returns {Error} */
function codedError(code, message) {
  return Object.assign(new Error(message), { code });
}

/** @param {{ code: string, message: string }} reason @returns {any} an object of which every member throws when called */
function standIns(reason) {
  function unavailable() {
    throw codedError(reason.code, reason.message);
  }
  return new Proxy(
    {},
    { get: (_target, name) => (typeof name === 'string' && name !== '__esModule' ? unavailable : undefined) },
  );
}

/** The binary built in this folder. @param {string} name @returns {any} */
function local(name) {
  return require(`../node-unix-socket.${name}.node`);
}

/** The optional dependency, which must be of the same release as this file. @param {string} name @returns {any} */
function installed(name) {
  const ours = require('../package.json').version;
  const theirs = require(`node-unix-socket-${name}/package.json`).version;
  if (theirs !== ours) throw new Error(`version ${theirs} is installed, ${ours} is needed`);
  return require(`node-unix-socket-${name}`);
}

/** @param {unknown} err @returns {string} without the require stack */
function firstLine(err) {
  return String((err && /** @type {Error} */ (err).message) || err).split('\n')[0];
}

/** @returns {any} */
function load() {
  const reason = unsupported();
  if (reason) return standIns(reason);

  const name = triple();
  const failures = [];
  for (const [what, from] of [
    [`./node-unix-socket.${name}.node`, local],
    [`node-unix-socket-${name}`, installed],
  ]) {
    try {
      return /** @type {(name: string) => any} */ (from)(name);
    } catch (err) {
      failures.push(`  - ${what}: ${firstLine(err)}`);
    }
  }
  throw codedError(
    'ERR_NATIVE_BINDING_NOT_FOUND',
    [
      `node-unix-socket has no usable binary for ${name} (Node.js ${process.version}). Looked for:`,
      ...failures,
      'What to do: install again without --no-optional and --omit=optional, on the machine (or container image) that',
      'runs the program, and remove a lock file made on another platform; or, with Rust installed, build from the',
      'sources in the package: npm explore node-unix-socket -- npm run build',
    ].join('\n'),
  );
}

module.exports = load();
