'use strict';
// npm run publish:packages [-- --registry URL], in the release workflow: publishes the tarballs of `npm run pack` in their
// order. Skips versions that are published already, so that a failed run can be repeated. Another registry than that of npm
// gets no provenance, because only npm can verify it.

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const { parseArgs } = require('util');
const root = require('../lib/root');
const { targets } = require('../lib/targets');
const { ALIASES } = require('./pack');

const store = path.join(root, 'build', 'packages');
const { name: main, version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));

const { registry } = parseArgs({ options: { registry: { type: 'string' } } }).values;
const where = registry ? ['--registry', registry] : [];
// npm requires a tag for a prerelease, so that it does not become the latest version.
const how = [...(registry ? where : ['--provenance']), ...(version.includes('-') ? ['--tag', 'next'] : [])];

function publish(name) {
  const { stdout } = spawnSync('npm', ['view', `${name}@${version}`, 'version', ...where], { encoding: 'utf8' });
  if (stdout.trim() === version) {
    console.log(`${name}@${version} is there`);
    return;
  }
  const file = path.join(store, `${name}-${version}.tgz`);
  if (!fs.existsSync(file)) throw new Error(`no ${path.relative(root, file)}: npm run pack`);
  const { status } = spawnSync('npm', ['publish', file, '--access', 'public', ...how], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm publish of ${name}@${version} ended with status ${status}`);
}

try {
  for (const target of targets) publish(`${main}-${target.name}`);
  publish(main);
  for (const alias of ALIASES) publish(`${main}-${alias}`);
} catch (err) {
  console.error(`publish: ${err.message}`);
  process.exitCode = 1;
}
