'use strict';
// npm run test:packages: esbuild and webpack, with the package outside of the bundle and inside of it. Each bundle must
// send a message. docs/guides/bundlers.md has the same options.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { USE, installed, succeed, tmp, tool, write } = require('./tools');

const ENTRIES = {
  'entry.cjs': `const { createSocketPair } = require('node-unix-socket');${USE}`,
  'entry.mjs': `import { createSocketPair } from 'node-unix-socket';${USE}`,
};

/** Runs a copy of the bundle in an empty folder. Resolves to its output. */
async function alone(t, bundle) {
  const folder = path.join(tmp(t), 'dist');
  fs.cpSync(bundle, folder, { recursive: true });
  return succeed(t, process.execPath, [path.join(folder, 'main.js')], { cwd: folder });
}

async function esbuild(project, entry, options) {
  const { build } = require(path.join(tool('esbuild@0.28'), 'esbuild'));
  const { warnings } = await build({
    absWorkingDir: project,
    entryPoints: { main: entry },
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    logLevel: 'silent',
    ...options,
  });
  assert.deepEqual(warnings, []);
}

function webpack(project, entry, options) {
  const run = require(path.join(tool('webpack@5'), 'webpack'));
  const configuration = {
    context: project,
    mode: 'production',
    target: 'node',
    entry: `./${entry}`,
    output: { path: path.join(project, 'dist'), filename: 'main.js' },
    ...options,
  };
  return new Promise((resolve, reject) => {
    run(configuration, (err, stats) => {
      if (err) return reject(err);
      const { errors, warnings } = stats.toJson({ errors: true, warnings: true });
      if (errors.length > 0 || warnings.length > 0) reject(new Error(stats.toString()));
      else resolve();
    });
  });
}

/** The options of each bundler. webpack warns of the packages for other platforms, which are not installed. */
const bundlers = {
  esbuild: {
    bundle: esbuild,
    outside: { external: ['node-unix-socket'] },
    inside: () => ({ loader: { '.node': 'copy' } }),
  },
  webpack: {
    bundle: webpack,
    outside: { externals: { 'node-unix-socket': 'commonjs node-unix-socket' } },
    inside: () => ({
      module: { rules: [{ test: /\.node$/, loader: 'node-loader' }] },
      resolveLoader: { modules: [tool('node-loader@2')] },
      ignoreWarnings: [/Can't resolve 'node-unix-socket-/],
    }),
  },
};

for (const [name, { bundle, outside, inside }] of Object.entries(bundlers)) {
  for (const entry of Object.keys(ENTRIES)) {
    test(`${name}, ${entry}: a bundle without the package runs where the package is installed`, {
      timeout: 120000,
    }, async (t) => {
      const project = await installed(t);
      write(project, ENTRIES);
      await bundle(project, entry, outside);
      assert.equal(await succeed(t, process.execPath, ['dist/main.js'], { cwd: project }), 'moved\n');
      await assert.rejects(alone(t, path.join(project, 'dist')), /Cannot find module 'node-unix-socket'/);
    });

    test(`${name}, ${entry}: a bundle with the package and its binary runs anywhere`, {
      timeout: 120000,
    }, async (t) => {
      const project = await installed(t);
      write(project, ENTRIES);
      await bundle(project, entry, inside());
      const binaries = fs.readdirSync(path.join(project, 'dist')).filter((file) => file.endsWith('.node'));
      assert.equal(binaries.length, 1);
      assert.equal(await alone(t, path.join(project, 'dist')), 'moved\n');
    });
  }
}
