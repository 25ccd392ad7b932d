'use strict';

/** The JavaScript samples of README.md and of the guides. */
const fs = require('node:fs');
const path = require('node:path');
const root = require('../../scripts/lib/root');

const guides = fs.readdirSync(path.join(root, 'docs', 'guides')).map((name) => `docs/guides/${name}`);
const SAMPLE = /```(m?js)\n([\s\S]*?)```\n(?:\n```text\n([\s\S]*?)```)?/g;

/** @returns {Array<{ file: string, number: number, language: string, source: string, printed: string | undefined }>} */
function samples() {
  return ['README.md', ...guides].flatMap((file) => {
    const found = [...fs.readFileSync(path.join(root, file), 'utf8').matchAll(SAMPLE)];
    return found.map(([, language, source, printed], i) => ({ file, number: i + 1, language, source, printed }));
  });
}

/** Writes a sample to a file inside of the package, where the package's name resolves to itself. */
function write(t, { language, source }) {
  const build = path.join(root, 'build');
  fs.mkdirSync(build, { recursive: true });
  const folder = fs.mkdtempSync(path.join(build, 'sample-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, `sample.${language}`);
  fs.writeFileSync(file, source);
  return file;
}

module.exports = { root, samples, write };
