'use strict';
// The code samples of README.md run as they are, say something, and end by themselves.

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { deadline } = require('./helpers');
const { start } = require('./helpers/processes');

const root = path.join(__dirname, '..');
const samples = fs.readFileSync(path.join(root, 'README.md'), 'utf8').match(/(?<=```js\n)[\s\S]*?(?=```)/g);

test('README has samples', () => assert.ok(samples.length >= 4));

samples.forEach((source, i) => {
  test(`sample ${i + 1} of README: ${source.split('\n')[0]}`, { timeout: deadline }, async (t) => {
    // From the root, where the package's own name leads to itself.
    const child = start(t, process.execPath, ['-e', source], { cwd: root });
    const { code, signal, stdout, stderr } = await child.done;
    assert.deepStrictEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
    assert.notStrictEqual(stdout, '');
  });
});
