'use strict';
// npm run pack, after build:all: the packages as they are published, one tarball each, into build/packages. The platform
// packages come first: whoever publishes in this order never has a main package without its binaries.

const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const root = require('../lib/root');
const { targets } = require('../lib/targets');

const MAIN = 'node-unix-socket';

/** npm's provenance wants the repository that built the package. Only a build there knows it. */
function repository() {
  const { GITHUB_REPOSITORY, GITHUB_SERVER_URL } = process.env;
  if (!GITHUB_REPOSITORY || !GITHUB_SERVER_URL) return {};
  return { repository: { type: 'git', url: `git+${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git` } };
}

/** The tarball of a copy of `folder`, in `store`; `elsewhere` has the files that lie in other places. */
function pack(folder, manifest, store, elsewhere = {}) {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-pack-'));
  try {
    for (const name of [...manifest.files, 'README.md']) {
      const from = elsewhere[name] || path.join(folder, name);
      if (fs.existsSync(from)) fs.cpSync(from, path.join(work, name), { recursive: true });
    }
    fs.copyFileSync(path.join(root, 'LICENSE'), path.join(work, 'LICENSE'));
    fs.writeFileSync(path.join(work, 'package.json'), `${JSON.stringify({ ...manifest, ...repository() }, null, 2)}\n`);
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

/** The main package names its platform packages only when it is packed: docs/adr/0001. */
function mainManifest() {
  const { devDependencies, allowScripts, ...published } = manifestOf(root);
  const optional = targets.map(({ name }) => [`${MAIN}-${name}`, published.version]);
  return { ...published, optionalDependencies: Object.fromEntries(optional) };
}

/** { name: tarball } of the packages of these targets, the main one last. */
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

/** What stands in for unix-dgram by npm's overrides; it depends on the main package. */
function packAlias(store) {
  const folder = path.join(root, 'npm', 'unix-dgram');
  return pack(folder, manifestOf(folder), store);
}

module.exports = { packAlias, packAll };

if (require.main === module) {
  const store = path.join(root, 'build', 'packages');
  try {
    fs.rmSync(store, { recursive: true, force: true });
    fs.mkdirSync(store, { recursive: true });
    for (const file of [...Object.values(packAll(store)), packAlias(store)]) console.log(path.relative(root, file));
  } catch (err) {
    console.error(`pack: ${err.message}`);
    process.exitCode = 1;
  }
}
