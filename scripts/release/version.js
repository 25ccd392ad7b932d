'use strict';
// npm run bump -- 1.2.3 sets the version in all files. --check [v1.2.3] fails if the files differ from each other or from
// the tag, or if the changelog does not start with this version.

const fs = require('fs');
const path = require('path');
const root = require('../lib/root');
const { ALIASES } = require('./pack');

const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');

/** Files with the version, and patterns whose group is the version. */
const places = [
  ['package.json', /^ {2}"version": "(.+)"/m],
  ['package-lock.json', /^ {2}"version": "(.+)"/m],
  ['package-lock.json', /^ {6}"version": "(.+)"/m],
  ['Cargo.toml', /^version = "(.+)"/m],
  ['Cargo.lock', /^name = "node-unix-socket"\nversion = "(.+)"/m],
  ...fs
    .readdirSync(path.join(root, 'npm'))
    .filter((name) => fs.existsSync(path.join(root, 'npm', name, 'package.json')))
    .map((name) => [`npm/${name}/package.json`, /^ {2}"version": "(.+)"/m]),
  ['js/binding.js', /^const VERSION = '(.+)'/m],
  ...ALIASES.map((name) => [`npm/${name}/package.json`, /^ {4}"node-unix-socket": "(.+)"/m]),
];

function bump(version) {
  if (!/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/.test(version)) throw new Error(`${version} is no version`);
  for (const [file, place] of places) {
    const text = read(file).replace(place, (all, old) => all.replace(old, version));
    fs.writeFileSync(path.join(root, file), text);
  }
  console.log(`now ${version}; next: name it in CHANGELOG.md, commit, git tag v${version}`);
}

function check(tag) {
  const { version } = JSON.parse(read('package.json'));
  for (const [file, place] of places) {
    const [, found] = place.exec(read(file)) || [];
    if (found !== version) throw new Error(`${file} has version ${found}, package.json ${version}`);
  }
  if (tag !== undefined) {
    if (tag !== `v${version}`) throw new Error(`the tag is ${tag}, the version ${version}`);
    const heading = read('CHANGELOG.md').match(/^## .*$/m)[0];
    if (!heading.startsWith(`## ${version}`) || heading.includes('unreleased')) {
      throw new Error(`CHANGELOG.md starts with "${heading}", not with ${version} and its date`);
    }
  }
  console.log(`${version} everywhere`);
}

const [first, second] = process.argv.slice(2);
try {
  if (first === '--check') check(second);
  else if (first) bump(first);
  else throw new Error('npm run bump -- VERSION, or node scripts/release/version.js --check [TAG]');
} catch (err) {
  console.error(`version: ${err.message}`);
  process.exitCode = 1;
}
