'use strict';
// The option `mode`, at each moment: what can be seen of a socket file when bind(2) returns, and after each change.

const test = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { deadline, runChild, tmp } = require('../../helpers');

const options = { timeout: deadline, skip: process.platform !== 'linux' && 'Linux only' };
const UMASKS = [0, 0o22, 0o77, 0o777];
const MODES = [0, 0o600, 0o640, 0o666, 0o777];

/** Makes a file of each mode under each umask, at a path that says which. */
function makeAll() {
  for (const umask of args.umasks) {
    process.umask(umask);
    for (const mode of args.modes) {
      const path = `${args.folder}/${umask}-${mode}`;
      if (args.kind === 'server') new lib.SeqpacketServer().listen({ path, mode }).close();
      else new lib.DgramSocket().unref().bind(path, { mode });
    }
  }
}

for (const kind of ['dgram', 'server']) {
  test(`${kind}: no moment has rights that were not asked for`, options, async (t) => {
    const folder = tmp(t);
    const shim = path.join(folder, 'moments.so');
    execFileSync('cc', [
      '-shared',
      '-fPIC',
      '-o',
      shim,
      path.join(__dirname, '..', '..', 'fixtures', 'mode.c'),
      '-ldl',
    ]);
    const args = { kind, folder, umasks: UMASKS, modes: MODES };
    const env = { LD_PRELOAD: [process.env.LD_PRELOAD, shim].filter(Boolean).join(':') };
    const { stderr } = await runChild(t, makeAll, { args, env });
    const last = new Map();
    for (const [call, file, mode] of stderr
      .trim()
      .split('\n')
      .map((line) => line.split(' '))) {
      // What is changed is named by a descriptor of the file that was bound last.
      const name = call === 'bind' ? path.basename(file) : [...last.keys()].pop();
      const asked = Number(name.split('-')[1]);
      assert.strictEqual(parseInt(mode, 8) & ~asked, 0, `${call} of ${name}: mode ${mode}`);
      last.set(name, parseInt(mode, 8));
    }
    const expected = UMASKS.flatMap((umask) => MODES.map((mode) => [`${umask}-${mode}`, mode]));
    assert.deepStrictEqual([...last], expected);
  });
}
