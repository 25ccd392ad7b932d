'use strict';
// The option `mode`: the mode of a socket file after bind(2) and after each change of it.

const test = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { deadline, runChild, tmp } = require('../../helpers');

const options = { timeout: deadline, skip: process.platform !== 'linux' && 'Linux only' };
const UMASKS = [0, 0o22, 0o77, 0o777];
const MODES = [0, 0o600, 0o640, 0o666, 0o777];

/** Creates a socket file of each mode under each umask; its name contains both. */
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
  test(`${kind}: a socket file never has more permissions than the option mode`, options, async (t) => {
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
      // chmod() gets the path of a descriptor, so the file is the one that was bound last.
      const name = call === 'bind' ? path.basename(file) : [...last.keys()].pop();
      const asked = Number(name.split('-')[1]);
      assert.strictEqual(parseInt(mode, 8) & ~asked, 0, `${call} of ${name}: mode ${mode}`);
      last.set(name, parseInt(mode, 8));
    }
    const expected = UMASKS.flatMap((umask) => MODES.map((mode) => [`${umask}-${mode}`, mode]));
    assert.deepStrictEqual([...last], expected);
  });
}
