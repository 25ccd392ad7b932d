'use strict';
// The library in test runners: timers that are replaced by fake ones, and a context of node:vm with a process object of its
// own and without setImmediate, as jest and jsdom have. __test__/packages/published/test-runners.js runs jest, vitest and
// mocha.

const { test } = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { STEPS } = require('../fixtures/test-runners/exercise');
const { deadline, runChild } = require('../helpers');

const options = { timeout: deadline };

const EXERCISE = path.join(__dirname, '..', 'fixtures', 'test-runners', 'exercise.js');

/** Runs `main(use)` in a child process, where `use(lib)` exercises the library. */
async function works(t, main, nodeArgs) {
  const source = `const { exercise } = require(${JSON.stringify(EXERCISE)});
    (${main})(async (library) => console.log((await exercise(library)).join()));`;
  const { code, stdout, stderr } = await runChild(t, source, { nodeArgs });
  assert.deepStrictEqual({ code, stdout, stderr }, { code: 0, stdout: `${STEPS}\n`, stderr: '' });
}

/** Replaces the functions of the global object, of process and of the module timers. */
function replaceTimers() {
  const never = () => ({ unref() {}, ref() {} });
  for (const object of [globalThis, require('timers')]) {
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearImmediate']) {
      object[name] = never;
    }
  }
  globalThis.Date.now = () => 0;
  require('perf_hooks').performance.now = () => 0;
  process.hrtime = () => [0, 0];
}

test('fake timers that are installed after require() have no effect', options, async (t) => {
  await works(
    t,
    `async (use) => {
      const library = lib; // the getter calls require(), which is all that happens before
      (${replaceTimers})();
      const { nextTick } = process;
      process.nextTick = () => {};
      await use(library);
      process.nextTick = nextTick;
    }`,
  );
});

test('mock timers of node:test have no effect', options, async (t) => {
  const main = async (use) => {
    const library = lib;
    const { mock } = require('node:test');
    mock.timers.enable();
    await use(library);
    mock.timers.reset();
  };
  await works(t, main, ['--no-warnings']); // they are experimental in Node.js 20
});

/** Loads the library in a context without timers, whose process object has a fake nextTick. */
async function inContext(use) {
  const fs = require('fs');
  const { createRequire } = require('module');
  const path = require('path');
  const vm = require('vm');
  const fake = Object.assign(Object.create(process), { nextTick: () => {} });
  const context = vm.createContext({ process: fake, console, Buffer, AbortSignal });
  const modules = new Map();
  const load = (file) => {
    const known = modules.get(file);
    if (known) return known.exports;
    const loaded = { exports: {} };
    modules.set(file, loaded);
    const fromFile = createRequire(file);
    const requireFrom = (name) => {
      if (name === 'process') return fake;
      const resolved = fromFile.resolve(name);
      return resolved.endsWith('.js') && path.isAbsolute(resolved) ? load(resolved) : fromFile(resolved);
    };
    const source = `(function (exports, require, module, __filename, __dirname) {${fs.readFileSync(file, 'utf8')}\n})`;
    const compiled = vm.runInContext(source, context, { filename: file });
    compiled(loaded.exports, requireFrom, loaded, file, path.dirname(file));
    return loaded.exports;
  };
  await use(load(require.resolve(libPath)));
}

test('a context without setImmediate, whose process object has a fake nextTick', options, (t) => works(t, inContext));
