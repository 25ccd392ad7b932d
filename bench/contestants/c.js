'use strict';
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

exports.label = 'C floor';
exports.cannot = () => undefined;

const file = (name) => path.join(__dirname, '..', name);
const changed = (name) => (fs.existsSync(file(name)) ? fs.statSync(file(name)).mtimeMs : 0);

/** The C program, compiled when its sources are newer. */
function build() {
  if (changed('floor') < Math.max(changed('floor.c'), changed('floor.h'))) {
    execFileSync('cc', ['-O2', '-Wall', '-Wextra', '-pthread', '-o', file('floor'), file('floor.c')], {
      stdio: 'inherit',
    });
  }
  return file('floor');
}

exports.native = (row, role, params) => [
  build(),
  row,
  role,
  ...Object.entries(params)
    .filter(([, value]) => ['number', 'string'].includes(typeof value))
    .map(([key, value]) => `${key}=${value}`),
];
