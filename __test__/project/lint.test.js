'use strict';
// npm run lint: each of its checks fails on a planted mistake.

const test = require('node:test');
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { tmp } = require('../helpers');
const { tooLong } = require('../../scripts/dev/file-lengths');
const { circles } = require('../../scripts/dev/rust-modules');
const root = require('../../scripts/lib/root');

/** Writes files, by name, into a new folder. */
function folderWith(t, files) {
  const folder = tmp(t);
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

function run(name, args, options) {
  const program = path.join(root, 'node_modules', '.bin', name);
  return spawnSync(program, args, { encoding: 'utf8', ...options });
}

test('a circle between JavaScript modules is an error', (t) => {
  const folder = folderWith(t, {
    'biome.json': fs.readFileSync(path.join(root, 'biome.json')),
    'package.json': '{ "type": "commonjs" }\n',
    'js/a.js': "'use strict';\n\nmodule.exports = () => require('./compat/b');\n",
    'js/compat/b.js': "'use strict';\n\nconst a = require('../a');\n\nmodule.exports = a;\n",
  });
  const { status, stderr } = run('biome', ['check', '--vcs-enabled=false', '--colors=off', '.'], { cwd: folder });
  assert.strictEqual(status, 1);
  assert.deepStrictEqual(stderr.match(/^js\S+ lint\/\w+\/\w+/gm), [
    'js/a.js:3:24 lint/suspicious/noImportCycles',
    'js/compat/b.js:3:11 lint/suspicious/noImportCycles',
  ]);
});

/** The rules of ESLint that a file of js/ with this text breaks. */
function brokenRules(text) {
  const args = ['--format', 'json', '--stdin', '--stdin-filename', 'js/compat/planted.js'];
  const { stdout } = run('eslint', args, { cwd: root, input: `'use strict';\n${text}` });
  return JSON.parse(stdout)[0].messages.map(({ ruleId }) => ruleId);
}

test('syntax and built-in objects that Node.js 12 lacks are errors in js/ and its subfolders', () => {
  const planted = [
    ['a?.b;', 'es-x/no-optional-chaining'],
    ['a ?? b;', 'es-x/no-nullish-coalescing-operators'],
    ['a ||= b;', 'es-x/no-logical-assignment-operators'],
    ['class A { #m() {} }', 'es-x/no-class-private-methods'],
    ['class B { #f; m(o) { return #f in o; } }', 'es-x/no-private-in'],
    ['class C { static {} }', 'es-x/no-class-static-block'],
    ['1_000;', 'es-x/no-numeric-separators'],
    ['/a/d;', 'es-x/no-regexp-d-flag'],
    ["require('node:fs');", 'no-restricted-syntax'],
    ["Object.hasOwn({}, 'a');", 'es-x/no-object-hasown'],
  ];
  const text = planted.map(([line]) => line).join('\n');
  assert.deepStrictEqual(
    brokenRules(text),
    planted.map(([, rule]) => rule),
  );
});

test('class fields and BigInt, which Node.js 12 has, are no errors in js/', () => {
  assert.deepStrictEqual(brokenRules('class A { #a = 1n; static b = 2; get a() { return this.#a; } }'), []);
});

for (const [what, files, expected] of [
  [
    'through `crate::`, in a list and in an expression',
    { 'lib.rs': 'mod a;\nmod b;', 'a.rs': 'use crate::{b::{self, T}, c};', 'b.rs': 'fn f() { crate::a::g() }' },
    ['a', 'b', 'a'],
  ],
  ['of a parent and its child', { 'a.rs': 'pub mod b;\npub use b::T;', 'a/b.rs': 'use super::U;' }, ['a', 'a::b', 'a']],
  [
    'of three, with mod.rs and `super::`',
    { 'a/mod.rs': 'mod c;', 'a/c.rs': 'use crate::b::T;', 'b.rs': 'use crate::d::T;', 'd.rs': 'use super::a::c::T;' },
    ['a::c', 'b', 'd', 'a::c'],
  ],
  [
    'through a module with a file for each platform',
    {
      'a/mod.rs': '#[cfg_attr(unix, path = "x.rs")]\n#[cfg_attr(windows, path = "y.rs")]\nmod platform;',
      'a/x.rs': '',
      'a/y.rs': 'use super::b::T;',
      'a/b.rs': 'use super::platform::T;',
    },
    ['a::platform', 'a::b', 'a::platform'],
  ],
]) {
  test(`a circle between Rust modules is found: ${what}`, (t) => {
    const found = circles(folderWith(t, files));
    assert.strictEqual(found.length, 1);
    assert.deepStrictEqual([...new Set(found[0])].sort(), [...new Set(expected)].sort());
    assert.strictEqual(found[0].length, expected.length);
  });
}

test('Rust modules without a circle: comments, unit tests and `mod` are no uses', (t) => {
  const folder = folderWith(t, {
    'lib.rs': 'mod a;\nmod b;',
    'a.rs': 'pub mod c;\nuse crate::b::T; // crate::d',
    'a/c.rs': 'use crate::b::T;',
    'b.rs': '//! For crate::a.\npub struct T;\n#[cfg(test)]\nmod tests {\n    use super::*;\n    use crate::a::U;\n}',
  });
  assert.deepStrictEqual(circles(folder), []);
});

test('a source file of 351 lines is an error, one of 350 is none, nor are ignored files and data', (t) => {
  const lines = (n) => 'line\n'.repeat(n);
  const folder = folderWith(t, {
    '.gitignore': 'bench/built.js\n',
    'src/long.rs': lines(351),
    'js/compat/long.js': lines(351),
    'js/right.js': lines(350),
    'bench/built.js': lines(400),
    'bench/results/data.json': lines(400),
  });
  spawnSync('git', ['init', '-q'], { cwd: folder });
  assert.deepStrictEqual(tooLong(folder).sort(), [
    'js/compat/long.js: 351 lines, at most 350 are allowed',
    'src/long.rs: 351 lines, at most 350 are allowed',
  ]);
});
