'use strict';
// npm run test:packages: jest, vitest and mocha with the installed package: fake timers, jsdom, several copies of the
// library in a process, leak detection. A runner must end by itself, because the tests close their sockets.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { executable } = require('../../../scripts/lib/nodes');
const root = require('../../../scripts/lib/root');
const { installed, run, tool, write } = require('./tools');

const options = { timeout: 300000 };
const FIXTURES = path.join(root, '__test__', 'fixtures', 'test-runners');
/** The oldest version that the newest vitest supports is 22. */
const NODE_FOR_VITEST = 24;

/** A project with the installed package and the tests of one runner. */
async function project(t, runner) {
  const folder = await installed(t);
  fs.cpSync(path.join(FIXTURES, 'exercise.js'), path.join(folder, 'exercise.js'));
  fs.cpSync(path.join(FIXTURES, runner), path.join(folder, runner), { recursive: true });
  return folder;
}

/** Runs a test runner, and checks that it succeeds and reports `passed` tests. */
async function passes(t, node, args, cwd, passed) {
  const { code, signal, stdout, stderr } = await run(t, node, args, { cwd, env: { NO_COLOR: '1' } });
  const text = `${stdout}${stderr}`;
  assert.deepStrictEqual({ code, signal }, { code: 0, signal: null }, text);
  assert.match(text, passed);
  assert.doesNotMatch(text, /did not exit|open handle|leaking/i);
}

const JSDOM = { testEnvironment: () => path.join(tool('jest-environment-jsdom@30'), 'jest-environment-jsdom') };

/** Runs of jest: configuration (functions are called), command-line options, tests that pass. */
const jestRuns = {
  'fake timers of a test': [{}, [], 5],
  'fake timers of the configuration': [{ fakeTimers: { enableGlobally: true } }, [], 5],
  'legacy fake timers of the configuration': [{ fakeTimers: { enableGlobally: true, legacyFakeTimers: true } }, [], 5],
  'the environment jsdom': [JSDOM, [], 5],
  'the environment jsdom with fake timers of the configuration': [
    { ...JSDOM, fakeTimers: { enableGlobally: true } },
    ['plain'],
    1,
  ],
  '--detectLeaks': [{}, ['--detectLeaks'], 5],
  '--detectOpenHandles': [{}, ['--detectOpenHandles'], 5],
  '--resetModules --runInBand': [{}, ['--resetModules', '--runInBand'], 5],
};

for (const [name, [configuration, args, count]] of Object.entries(jestRuns)) {
  test(`jest: ${name}`, options, async (t) => {
    const folder = await project(t, 'jest');
    const values = Object.entries(configuration).map(([key, value]) => [
      key,
      typeof value === 'function' ? value() : value,
    ]);
    write(folder, { 'jest.config.json': JSON.stringify(Object.fromEntries(values)) });
    const jest = path.join(tool('jest@30'), 'jest', 'bin', 'jest.js');
    const passed = new RegExp(`Tests: +${count} passed, ${count} total`);
    await passes(t, process.execPath, [jest, '--config', 'jest.config.json', ...args], folder, passed);
  });
}

for (const pool of ['forks', 'threads', 'vmForks', 'vmThreads']) {
  test(`vitest: pool ${pool}`, options, async (t) => {
    const folder = await project(t, 'vitest');
    const modules = tool('vitest@5');
    for (const name of fs.readdirSync(modules).filter((each) => !each.startsWith('.'))) {
      fs.symlinkSync(path.join(modules, name), path.join(folder, 'node_modules', name));
    }
    const args = [path.join(modules, 'vitest', 'vitest.mjs'), 'run', '--pool', pool, '--root', folder];
    await passes(t, executable(NODE_FOR_VITEST), args, folder, /Tests +3 passed/);
  });
}

test('mocha', options, async (t) => {
  const folder = await project(t, 'mocha');
  const mocha = path.join(tool('mocha@12'), 'mocha', 'bin', 'mocha.js');
  await passes(t, process.execPath, [mocha, '--timeout', '20000', 'mocha/*.spec.js'], folder, /3 passing/);
});
