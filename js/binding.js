'use strict';
// Finds and loads the binary of this platform, and exports what the binary exports. Where it must not be loaded the
// exports are stand-ins that throw when they are used, so that require() always works.

const fs = require('fs');
const path = require('path');
const { platformPackage } = require('./packages');
const { binaryFault, triple, unsupported } = require('./platform');

/** Loads the errors only when there is one. @param {string} code @param {string} message @returns {Error} */
function failure(code, message) {
  return require('./errors').coded(Error, code, message);
}

/** Of package.json: to read it from there would be a tenth of the time of require(). */
const VERSION = '1.0.0';

/**
 * Stand-ins for the exports of the binary where sockets cannot work. Their classes throw when they are instantiated, so
 * that other classes can extend them. The functions need no event loop, so in Bun and Deno they load the binary when they
 * are called.
 * @param {{ code: string, message: string, loopless: boolean }} reason
 * @returns {any}
 */
function standIns(reason) {
  class StandIn {
    constructor() {
      throw failure(reason.code, reason.message);
    }
  }
  /** @type {any} */
  let loaded;
  /** @param {'closeFd' | 'reuseportFd' | 'settleReuseAddress'} name */
  function loopless(name) {
    return (/** @type {any[]} */ ...args) => {
      if (!reason.loopless) throw failure(reason.code, reason.message);
      try {
        if (loaded === undefined) loaded = find();
      } catch (err) {
        throw failure(reason.code, `${reason.message}. ${/** @type {Error} */ (err).message}`);
      }
      return loaded[name](...args);
    };
  }
  return {
    Environment: StandIn,
    ServerHandle: StandIn,
    SocketHandle: StandIn,
    closeFd: loopless('closeFd'),
    reuseportFd: loopless('reuseportFd'),
    settleReuseAddress: loopless('settleReuseAddress'),
  };
}

/** Throws if the file would not load, or would crash the process. If it cannot be read, loading it will say why. */
function checkBinary(/** @type {string} */ file) {
  let fault = '';
  try {
    fault = binaryFault(file);
  } catch (_err) {
    return;
  }
  if (fault) throw new Error(`the file ${fault}`);
}

/**
 * Loads a binary once per thread, also if this copy of the library is loaded again (jest.resetModules, hot reload), because
 * Node.js never releases what a binary adds to V8. A file that was replaced is another binary. The exports are copied to an
 * object of the main context, because this file may run in a context that must be collected one day.
 * @type {(file: string, load: () => any) => any}
 */
function loadOnce(file, load) {
  const { dev, ino, mtimeMs } = fs.statSync(file);
  const key = Symbol.for(`node-unix-socket: ${file} ${dev} ${ino} ${mtimeMs}`);
  const thread = /** @type {any} */ (process);
  if (thread[key] === undefined) {
    const loaded = load();
    Object.defineProperty(thread, key, { value: Object.assign(loaded.newObject(), loaded) });
  }
  return thread[key];
}

/** Loads the binary that was built in this folder. @param {string} name @returns {any} */
function local(name) {
  const file = path.join(__dirname, '..', `node-unix-socket.${name}.node`);
  if (!fs.existsSync(file)) throw new Error('no such file'); // the usual case in an installed package: dlopen is slower to fail
  return loadOnce(file, () => {
    checkBinary(file);
    const library = { exports: {} };
    process.dlopen(library, file); // not require(), because bundlers would have to resolve the file
    return library.exports;
  });
}

/** Loads the binary of the optional dependency, which must be of this version. @param {string} name @returns {any} */
function installed(name) {
  const version = platformPackage(name, 'version');
  if (version !== VERSION) throw new Error(`version ${version} is installed, ${VERSION} is needed`);
  let file;
  try {
    file = platformPackage(name, 'file');
  } catch (_err) {
    // In a bundle the file is somewhere else; if it is missing, require() below throws the better error.
  }
  if (typeof file !== 'string' || !fs.existsSync(file)) return platformPackage(name, 'binary');
  checkBinary(file);
  return loadOnce(/** @type {string} */ (file), () => platformPackage(name, 'binary'));
}

/** @param {unknown} err @returns {string} without the require stack */
function firstLine(err) {
  return String((err && /** @type {Error} */ (err).message) || err).split('\n')[0];
}

/** Explains a missing binary: there is none for this platform, or only others are installed. @param {string} name */
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
      hint.push(`Found binaries for other platforms only: ${others.join(', ')}.`);
  } catch (_err) {
    // The folder cannot be read.
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
  throw failure(
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
