'use strict';
// npm start: the demo, and what scripts/setup.js does before it.

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { deadline, tmp } = require('../helpers');
const { start } = require('../helpers/processes');
const { testExample } = require('./foreign');

const root = path.join(__dirname, '..', '..');
const demo = path.join(root, 'examples', 'demo');

testExample('demo', [
  /^Three jobs for node-unix-socket, and why plain Node\.js is not enough:/,
  /20,000 with the right boundaries/,
  /20,000 arrived, 20,000 of them in order/,
  /400 answered/,
  /Nothing was lost\. What to try next:.*examples\/graceful-reload.*examples\/fan-out/s,
]);

test('the files and commands that the demo names exist', () => {
  const text = fs
    .readdirSync(demo)
    .map((name) => fs.readFileSync(path.join(demo, name), 'utf8'))
    .join('\n');
  const files = text.match(/(?<![\w/])(?:docs|examples)\/[\w./-]*\w/g);
  assert.ok(files.includes('docs/guides/reuseport.md'), String(files));
  for (const file of files) assert.ok(fs.existsSync(path.join(root, file)), file);
  const { scripts } = require('../../package.json');
  for (const [, name] of text.matchAll(/npm run ([\w:-]+)/g)) assert.ok(scripts[name], name);
});

test('setup without cargo: the first line names it, nothing else happens, exit code 1', {
  timeout: deadline,
}, async (t) => {
  const setup = path.join(root, 'scripts', 'setup.js');
  const env = { ...process.env, PATH: tmp(t) };
  const child = start(t, process.execPath, [setup, path.join('examples', 'demo', 'index.js')], { cwd: root, env });
  const { code, stdout, stderr } = await child.done;
  assert.strictEqual(code, 1);
  assert.strictEqual(stdout, '');
  assert.match(stderr, /^setup: cargo is missing\. Install Rust 1\.\d+ or later from https:\/\/rustup\.rs\n/);
  assert.doesNotMatch(stderr, /npm ci|cargo build/);
});
