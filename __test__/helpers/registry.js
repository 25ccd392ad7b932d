'use strict';

/** Local npm registries, and empty projects that install from them without network. */
const { createHash } = require('node:crypto');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { tmp } = require('.');
const { start } = require('./processes');
const { packAliases, packAll } = require('../../scripts/release/pack');
const root = require('../../scripts/lib/root');
const { targets } = require('../../scripts/lib/targets');
const { triple } = require('../../js/platform');

/** The metadata that a registry serves for a tarball. */
function published(file, url) {
  const manifest = JSON.parse(execFileSync('tar', ['-xzOf', file, 'package/package.json'], { encoding: 'utf8' }));
  const integrity = `sha512-${createHash('sha512').update(fs.readFileSync(file)).digest('base64')}`;
  const dist = { tarball: `${url}/-/${path.basename(file)}`, integrity };
  const { name, version } = manifest;
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
}

/** A registry with these tarballs. Resolves to its URL. */
async function serve(t, tarballs) {
  const packages = new Map();
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(request.url.slice(1));
    const file = tarballs.find((tarball) => name === `-/${path.basename(tarball)}`);
    if (file) return fs.createReadStream(file).pipe(response);
    const found = packages.get(name);
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found || { error: 'not found' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${server.address().port}`;
  for (const file of tarballs) {
    const found = published(file, url);
    packages.set(found.name, found);
  }
  return url;
}

/** Runs npm without the environment variables that `npm test` sets. */
async function npm(t, args, cwd) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_(OPTIONS|TEST_CONTEXT)$/i.test(name));
  const child = start(t, 'npm', args, { cwd, env: Object.fromEntries(inherited) });
  child.end();
  const { code, stdout, stderr } = await child.done;
  if (code !== 0) throw new Error(`npm ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** Packs this package as it is published, with the binary of this platform. */
function packOurs(store) {
  const name = triple();
  const target = targets.find((one) => one.name === name);
  if (!target) throw new Error(`no package for ${name}`);
  return Object.values(packAll(store, [{ ...target, file: path.join(root, `node-unix-socket.${name}.node`) }]));
}

/** The same with the packages of all platforms. The binary of this platform replaces binaries that were not built. */
function packEvery(store) {
  const own = path.join(root, `node-unix-socket.${triple()}.node`);
  const every = targets.map((target) => {
    if (target.name !== triple() && fs.existsSync(target.file)) return target;
    const file = path.join(store, path.basename(target.file));
    fs.copyFileSync(own, file);
    return { ...target, file };
  });
  return Object.values(packAll(store, every));
}

/** Packs the packages that replace unix-dgram, and the named development dependencies. */
async function packOthers(t, store, dependencies) {
  const tarballs = packAliases(store);
  for (const name of dependencies) {
    const folder = path.join(root, 'node_modules', name);
    const [packed] = Object.values(JSON.parse(await npm(t, ['pack', '--json', '--pack-destination', store], folder)));
    tarballs.push(path.join(store, packed.filename));
  }
  return tarballs;
}

/**
 * Installs a project with this package.json from a registry with this package and the named development dependencies.
 * Resolves to the folder of the project.
 */
async function install(t, manifest, dependencies = [], options = []) {
  const [store, project] = [tmp(t), tmp(t)];
  const registry = await serve(t, [...packOurs(store), ...(await packOthers(t, store, dependencies))]);
  fs.writeFileSync(
    path.join(project, '.npmrc'),
    `registry=${registry}\ncache=${path.join(store, 'cache')}\naudit=false\nfund=false\n`,
  );
  fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest));
  await npm(t, ['install', ...options], project);
  return project;
}

module.exports = { install, npm, packEvery, packOthers, serve };
