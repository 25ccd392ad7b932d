'use strict';

const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const MAX_LINES = 350;
const FOLDERS = ['src', 'tests', 'fuzz', 'js', 'scripts', '__test__', 'bench', 'examples'];
const SOURCE = /\.(c|js|mjs|mts|py|rs|sh|ts)$/;

/** A message for each source file with more than MAX_LINES lines. Files that git ignores are not checked. */
function tooLong(root) {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...FOLDERS];
  return execFileSync('git', list, { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((file) => SOURCE.test(file) && fs.existsSync(path.join(root, file)))
    .map((file) => ({ file, lines: fs.readFileSync(path.join(root, file), 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ file, lines }) => `${file}: ${lines} lines, at most ${MAX_LINES} are allowed`);
}

module.exports = { tooLong };
