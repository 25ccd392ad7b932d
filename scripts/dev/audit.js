'use strict';
// npm run audit: known vulnerabilities, licences and sources of all dependencies (npm audit, cargo-deny). --offline skips
// the two databases of advisories.

const { spawnSync } = require('child_process');
const root = require('../lib/root');

const offline = process.argv.includes('--offline');

function run(command, args) {
  console.log(`$ ${command} ${args.join(' ')}`);
  const { error, status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`audit: cannot run ${command}: ${error.message}`);
  if (error || status !== 0) process.exitCode = 1;
}

if (!offline) run('npm', ['audit']);
if (spawnSync('cargo', ['deny', '--version']).status === 0) {
  run('cargo', ['deny', '--locked', 'check', ...(offline ? ['bans', 'licenses', 'sources'] : [])]);
} else {
  console.error('audit: no cargo-deny; install it with: cargo install --locked cargo-deny');
  process.exitCode = 1;
}
