'use strict';
// The JavaScript samples of README.md and of the guides run and end. Each prints the `text` block that follows it, or
// something if there is none.

const test = require('node:test');
const assert = require('node:assert');
const { deadline } = require('../helpers');
const { start } = require('../helpers/processes');
const { root, samples, write } = require('../helpers/samples');

const all = samples();

for (const sample of all) {
  const { file, number, source, printed } = sample;
  test(`sample ${number} of ${file} runs: ${source.split('\n')[0]}`, { timeout: deadline }, async (t) => {
    const child = start(t, process.execPath, [write(t, sample)], { cwd: root });
    const { code, signal, stdout, stderr } = await child.done;
    assert.deepStrictEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
    if (printed === undefined) assert.notStrictEqual(stdout, '');
    else assert.strictEqual(stdout, printed);
  });
}

test('README.md has at least four samples', () => {
  assert.ok(all.filter(({ file }) => file === 'README.md').length >= 4);
});
