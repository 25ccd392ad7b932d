'use strict';

const fs = require('fs');
const path = require('path');
const root = require('./root');

/**
 * Every __test__/**\/*.test.js outside fixtures/, relative to the root, because --test of Node.js 20 has no globs.
 * The fixtures hold tests of jest, vitest and mocha, which only those runners can run.
 */
function testFiles(folder = '__test__') {
  return fs
    .readdirSync(path.join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const name = path.join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'fixtures' ? [] : testFiles(name);
      return entry.name.endsWith('.test.js') ? [name] : [];
    })
    .sort();
}

/** Arguments for node: the given options and files, or all tests if no file is given. */
function testArguments(args) {
  const files = args.filter((arg) => arg.endsWith('.js'));
  const options = args.filter((arg) => !arg.endsWith('.js'));
  return ['--test', ...options, ...(files.length > 0 ? files : testFiles())];
}

module.exports = { testArguments, testFiles };
