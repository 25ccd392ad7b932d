'use strict';
// npm run pack, after build:all: creates the tarballs of the published packages in build/packages. Lists the platform
// packages first, so that publishing in this order never leaves a main package without its binaries.

const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const root = require('../lib/root');
const { targets } = require('../lib/targets');
const { fields, withAbsoluteLinks } = require('./address');

const MAIN = 'node-unix-socket';

/** Packs a copy of `folder` into `store`. `elsewhere` has the paths of files from other folders. Returns the tarball. */
function pack(folder, manifest, store, elsewhere = {}) {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-pack-'));
  try {
    for (const name of [...manifest.files, 'README.md']) {
      const from = elsewhere[name] || path.join(folder, name);
      if (!fs.existsSync(from)) continue;
      if (name.endsWith('.md')) {
        const text = withAbsoluteLinks(fs.readFileSync(from, 'utf8'), folder, manifest.version);
        fs.writeFileSync(path.join(work, name), text);
      } else fs.cpSync(from, path.join(work, name), { recursive: true });
    }
    fs.copyFileSync(path.join(root, 'LICENSE'), path.join(work, 'LICENSE'));
    fs.writeFileSync(
      path.join(work, 'package.json'),
      `${JSON.stringify({ ...manifest, ...fields(folder) }, null, 2)}\n`,
    );
    const { status, stdout, stderr } = spawnSync('npm', ['pack', '--json', '--pack-destination', store], {
      cwd: work,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`npm pack of ${manifest.name}: ${stderr}`);
    const [{ filename }] = Object.values(JSON.parse(stdout));
    return path.join(store, filename);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

const manifestOf = (folder) => JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));

/** The manifest of the main package, which gets its optionalDependencies when it is packed (docs/adr/0001). */
function mainManifest() {
  const { devDependencies, allowScripts, ...published } = manifestOf(root);
  const optional = targets.map(({ name }) => [`${MAIN}-${name}`, published.version]);
  return { ...published, optionalDependencies: Object.fromEntries(optional) };
}

/** Packs the packages of these targets and the main package. Returns { name: tarball }, the main package last. */
function packAll(store, chosen = targets) {
  const main = mainManifest();
  const tarballs = {};
  for (const { file, folder } of chosen) {
    if (!fs.existsSync(file)) throw new Error(`no ${path.relative(root, file)}: npm run build:all`);
    const manifest = manifestOf(folder);
    if (manifest.version !== main.version)
      throw new Error(`${manifest.name} is ${manifest.version}, not ${main.version}`);
    tarballs[manifest.name] = pack(folder, manifest, store, { [path.basename(file)]: file });
  }
  tarballs[MAIN] = pack(root, main, store);
  return tarballs;
}

/** Folders of the packages that replace unix-dgram through overrides of npm and depend on the main package. */
const ALIASES = ['unix-dgram', 'unix-dgram-queued'];

function packAliases(store) {
  return ALIASES.map((name) => {
    const folder = path.join(root, 'npm', name);
    return pack(folder, manifestOf(folder), store);
  });
}

module.exports = { ALIASES, packAliases, packAll };

if (require.main === module) {
  const store = path.join(root, 'build', 'packages');
  try {
    fs.rmSync(store, { recursive: true, force: true });
    fs.mkdirSync(store, { recursive: true });
    for (const file of [...Object.values(packAll(store)), ...packAliases(store)])
      console.log(path.relative(root, file));
  } catch (err) {
    console.error(`pack: ${err.message}`);
    process.exitCode = 1;
  }
}
