'use strict';
// npm run docs: every public member has a description, and no link of the site is broken.

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { tmp } = require('../helpers');
const { start } = require('../helpers/processes');
const root = require('../../scripts/lib/root');

test('the documentation builds without a warning or a broken link', { timeout: 60000 }, async (t) => {
  const site = tmp(t);
  const child = start(t, process.execPath, ['scripts/dev/docs.js', '--out', site], { cwd: root });
  const { code, stdout, stderr } = await child.done;
  assert.strictEqual(code, 0, stdout + stderr);
  const pages = fs.readdirSync(path.join(site, 'documents'));
  const guides = fs.readdirSync(path.join(root, 'docs', 'guides'));
  assert.ok(pages.length >= guides.length, `${guides.length} guides, but only ${pages}`);
});
