'use strict';
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

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

const contestant = (label, more) => ({
  label,
  cannot: () => undefined,
  native: (row, role, params) => [
    build(),
    row,
    role,
    ...Object.entries({ ...params, ...more })
      .filter(([, value]) => ['number', 'string'].includes(typeof value))
      .map(([key, value]) => `${key}=${value}`),
  ],
});

exports.floor = contestant('C floor');
/** What V8 lets pile up before it frees the memory of Buffers, in MiB, about. */
exports.own = contestant('C floor, a buffer a message', { own: 32 });
/** What a connection of this project gets once it was full (docs/adr/0015). */
exports.doubled = contestant('C floor, SO_SNDBUF doubled', { doubled: 1 });
