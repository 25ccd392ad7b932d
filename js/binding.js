'use strict';
// Finds and loads the platform's binary. Its exports are the binary's own; where it must not be loaded they are
// stand-ins that throw when used, so that require() itself is always safe.

const fs = require('fs');
const path = require('path');
const { platformPackage } = require('./packages');
const { binaryFault, triple, unsupported } = require('./platform');

/** Reading it from package.json would be a tenth of the time of require(). */
const VERSION = '1.0.0';

/** @param {string} code @param {string} message @returns {Error} */
function codedError(code, message) {
  return Object.assign(new Error(message), { code });
}

/** What needs no event loop, and so works where there is none of libuv's. */
const LOOPLESS = ['closeFd', 'reuseportFd'];

/**
 * Throws when a member is used, but for what works all the same: that loads the binary when it is used.
 * @param {{ code: string, message: string, loopless: boolean }} reason
 * @returns {any}
 */
function standIns(reason) {
  /** @type {any} */
  let loaded;
  /** @param {string} name */
  function member(name) {
    let failure = '';
    if (reason.loopless && LOOPLESS.includes(name)) {
      try {
        if (loaded === undefined) loaded = find();
        return loaded[name];
      } catch (err) {
        failure = `. ${/** @type {Error} */ (err).message}`;
      }
    }
    throw codedError(reason.code, reason.message + failure);
  }
  return new Proxy(
    {},
    { get: (_target, name) => (typeof name === 'string' && name !== '__esModule' ? member(name) : undefined) },
  );
}

/** Throws where the binary would not load, or end the process. Where it cannot be looked at, require() tells why. */
function check(/** @type {string} */ file) {
  let fault = '';
  try {
    fault = binaryFault(file);
  } catch (_err) {
    return;
  }
  if (fault) throw new Error(`the file ${fault}`);
}

/** The binary built in this folder. @param {string} name @returns {any} */
function local(name) {
  const file = path.join(__dirname, '..', `node-unix-socket.${name}.node`);
  if (!fs.existsSync(file)) throw new Error('no such file'); // usual where it is installed: require() takes longer to say it
  check(file);
  const library = { exports: {} };
  process.dlopen(library, file); // rather than require(), of which bundlers would want to know what it may be
  return library.exports;
}

/** The optional dependency, which must be of the same release as this file. @param {string} name @returns {any} */
function installed(name) {
  const version = platformPackage(name, 'version');
  if (version !== VERSION) throw new Error(`version ${version} is installed, ${VERSION} is needed`);
  let file;
  try {
    file = platformPackage(name, 'file');
  } catch (_err) {
    // In a bundle it lies elsewhere: what require() says then is to the point.
  }
  if (typeof file === 'string') check(file);
  return platformPackage(name, 'binary');
}

/** @param {unknown} err @returns {string} without the require stack */
function firstLine(err) {
  return String((err && /** @type {Error} */ (err).message) || err).split('\n')[0];
}

/** What the folders around tell: no binary for this platform at all, or those of others only. @param {string} name */
function hints(name) {
  /** @param {string} other */
  const short = (other) => other.slice('node-unix-socket-'.length);
  const hint = [];
  const prebuilt = Object.keys(/** @type {any} */ (require('../package.json')).optionalDependencies || {}).map(short);
  if (prebuilt.length > 0 && !prebuilt.includes(name))
    hint.push(`There is no prebuilt binary for ${name}, only for ${prebuilt.join(', ')}.`);
  try {
    const others = fs.readdirSync(path.join(__dirname, '..', '..')).filter((other) => prebuilt.includes(short(other)));
    if (others.length > 0 && !others.includes(`node-unix-socket-${name}`))
      hint.push(`Installed was, for another platform: ${others.join(', ')}.`);
  } catch (_err) {
    // Not in a folder that can be read.
  }
  return hint;
}

/** @returns {any} */
function find() {
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
      ...hints(name),
      'What to do: install again without --no-optional and --omit=optional, on the machine (or container image) that',
      'runs the program, and remove a lock file made on another platform; or, with Rust installed, build from the',
      `sources in the package: node ${path.join(__dirname, '..', 'scripts', 'build.js')}`,
    ].join('\n'),
  );
}

const reason = unsupported();
module.exports = reason ? standIns(reason) : find();
