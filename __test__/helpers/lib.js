'use strict';

/**
 * The library under test: this repository, or the module that the environment variable NODE_UNIX_SOCKET_UNDER_TEST
 * names, which scripts/test/reference-rows.js sets to 0.2.7.
 */
const path = require('node:path');

const own = path.resolve(__dirname, '..', '..');
const named = process.env.NODE_UNIX_SOCKET_UNDER_TEST;

/** The folder of the package under test. */
const root = named ? path.dirname(require.resolve(`${named}/package.json`)) : own;

module.exports = {
  root,
  get lib() {
    return require(root);
  },
};
