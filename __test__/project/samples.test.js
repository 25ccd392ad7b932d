'use strict';
// The JavaScript samples of README.md and of the guides run and end. Each prints the `text` block that follows it, or
// something if there is none.

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { deadline } = require('../helpers');
const { start } = require('../helpers/processes');
const root = require('../../scripts/lib/root');

const guides = fs.readdirSync(path.join(root, 'docs', 'guides')).map((name) => `docs/guides/${name}`);
const SAMPLE = /```(m?js)\n([\s\S]*?)```\n(?:\n```text\n([\s\S]*?)```)?/g;

/** Writes a file inside of the package, where its name resolves to itself. */
function write(t, language, source) {
  const build = path.join(root, 'build');
  fs.mkdirSync(build, { recursive: true });
  const folder = fs.mkdtempSync(path.join(build, 'sample-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, `sample.${language}`);
  fs.writeFileSync(file, source);
  return file;
}

for (const file of ['README.md', ...guides]) {
  const samples = [...fs.readFileSync(path.join(root, file), 'utf8').matchAll(SAMPLE)];
  samples.forEach(([, language, source, printed], i) => {
    test(`sample ${i + 1} of ${file} runs: ${source.split('\n')[0]}`, { timeout: deadline }, async (t) => {
      const child = start(t, process.execPath, [write(t, language, source)], { cwd: root });
      const { code, signal, stdout, stderr } = await child.done;
      assert.deepStrictEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
      if (printed === undefined) assert.notStrictEqual(stdout, '');
      else assert.strictEqual(stdout, printed);
    });
  });
  if (file === 'README.md') test('README.md has at least four samples', () => assert.ok(samples.length >= 4));
}
