'use strict';
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const file = (name) => path.join(__dirname, '..', name);
const changed = (name) => (fs.existsSync(file(name)) ? fs.statSync(file(name)).mtimeMs : 0);

/** Compiles the C program if its sources are newer, and returns its path. */
function build() {
  if (changed('floor') < Math.max(...['floor.c', 'floor.h', 'floor-senders.h'].map(changed))) {
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
/** Memory of Buffers that V8 accumulates before it frees them, in MiB, approximately. */
exports.own = contestant('C floor, a buffer a message', { own: 32 });
/** The size that this package sets when the buffer of a connection is full a second time (docs/adr/0015). */
exports.doubled = contestant('C floor, SO_SNDBUF doubled', { doubled: 1 });
/** Round trips without epoll: neither end sleeps in the kernel. */
exports.spin = contestant('C floor, spinning on recv', { spin: 1 });
