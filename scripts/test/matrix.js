'use strict';
// npm run test:matrix [-- --only 12,20,26]: the smoke suite on each supported version of Node.js.

const { spawnSync } = require('child_process');
const { executable } = require('../lib/nodes');
const root = require('../lib/root');

const ALL = [12, 14, 16, 18, 20, 22, 24, 26];

function smoke(version) {
  const file = executable(version);
  const name = spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const started = Date.now();
  const result = spawnSync(file, ['__test__/smoke/smoke.js'], { cwd: root, encoding: 'utf8', timeout: 60000 });
  const { status, signal, stdout, stderr } = result;
  const ok = status === 0;
  console.log(`Node ${name}: ${ok ? 'ok' : `FAILED (${signal || `status ${status}`})`} in ${Date.now() - started} ms`);
  if (!ok) console.log(`${stdout}${stderr}`);
  return ok;
}

function main(args) {
  const at = args.indexOf('--only');
  const versions = at >= 0 ? args[at + 1].split(',').map(Number) : ALL;
  const failed = versions.filter((version) => !smoke(version));
  if (failed.length > 0) process.exitCode = 1;
  console.log(`${versions.length - failed.length} passed, ${failed.length} failed`);
}

main(process.argv.slice(2));
