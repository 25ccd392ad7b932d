'use strict';
// scripts/release/version.js --check, which the release workflow uses.

const test = require('node:test');
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');

const { version } = require('../../package.json');
const root = require('../../scripts/lib/root');

function check(...args) {
  return spawnSync(process.execPath, ['scripts/release/version.js', '--check', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
}

test('every manifest and lock file has the same version', () => {
  const { status, stderr } = check();
  assert.deepStrictEqual({ status, stderr }, { status: 0, stderr: '' });
});

test('a tag of another version is an error', () => {
  const { status, stderr } = check('v0.0.1');
  assert.strictEqual(status, 1);
  assert.strictEqual(stderr, `version: the tag is v0.0.1, the version ${version}\n`);
});
