'use strict';
// npm run release:rehearse [-- VERSION]: rehearses a release of the last commit in a clone of it, by the commands of
// docs/releasing.md: version, changelog, tag, pack, publish. The registry is a verdaccio of this process, empty and without
// an uplink. Then installs the packages from it in empty projects, with several versions of Node.js and npm and without
// Rust on PATH, and runs the first samples of README. A binary that was not built is replaced by that of this platform.

const { execFile } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { promisify } = require('util');
const { triple } = require('../../js/platform');
const { executable } = require('../lib/nodes');
const { environment, tool } = require('../lib/npm-tools');
const root = require('../lib/root');
const { targets } = require('../lib/targets');
const { withoutRust } = require('../lib/without-rust');
const { ALIASES } = require('./pack');

const MAIN = 'node-unix-socket';
const ADDRESS = { GITHUB_SERVER_URL: 'https://code.example', GITHUB_REPOSITORY: 'rehearsal/node-unix-socket' };
/** Versions of Node.js, and of npm, which is run with that Node.js. */
const INSTALLERS = [
  [12, 6],
  [20, 10],
  [26, 11],
];
/** What the first samples of README print. */
const PRINTED = [/^echo: hello\n$/, /^\d+ bytes: <13>app: started\n$/];

const run = promisify(execFile);

/** Runs a command. Resolves to its standard output; rejects with all of its output if it fails. */
async function call(command, args, { cwd, ...more }) {
  const env = environment({ PATH: withoutRust, ...more });
  try {
    return (await run(command, args, { cwd, env, timeout: 300000 })).stdout;
  } catch (err) {
    throw new Error(`${path.basename(command)} ${args.join(' ')}: ${err.stdout}${err.stderr || err.message}`);
  }
}

/** Starts an empty registry. Resolves to its server, its URL and a file with the configuration of npm that may publish there. */
async function registry(folder) {
  // A dependency of verdaccio is `node-fetch@cjs`, and mirrors of the npm registry may not have this tag.
  const { runServer } = require(path.join(tool('verdaccio@6.8', { 'node-fetch': '2' }), 'verdaccio'));
  const server = await runServer({
    self_path: folder,
    storage: path.join(folder, 'storage'),
    auth: { htpasswd: { file: path.join(folder, 'htpasswd') } },
    uplinks: {},
    packages: { '**': { access: '$all', publish: '$authenticated' } },
    web: { enable: false },
    log: { type: 'stdout', format: 'pretty', level: 'error' },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${server.address().port}`;
  const response = await fetch(`http://${host}/-/user/org.couchdb.user:rehearsal`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'rehearsal', password: 'rehearsal' }),
  });
  const { token } = await response.json();
  const userconfig = path.join(folder, 'npmrc');
  fs.writeFileSync(
    userconfig,
    `registry=http://${host}/\n//${host}/:_authToken=${token}\ncache=${path.join(folder, 'cache')}\naudit=false\nfund=false\nupdate-notifier=false\n`,
  );
  return { server, url: `http://${host}/`, userconfig };
}

/** Clones the last commit and releases it there up to the tag. Resolves to the folder. */
async function commitRelease(work, version) {
  const clone = path.join(work, 'clone');
  const git = (...args) =>
    call('git', ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@localhost', ...args], { cwd: clone });
  await call('git', ['clone', '--quiet', '--no-tags', root, clone], { cwd: work });
  await call('npm', ['run', 'bump', '--', version], { cwd: clone });
  const changelog = path.join(clone, 'CHANGELOG.md');
  const heading = `## ${version} (${new Date().toISOString().slice(0, 10)})`;
  fs.writeFileSync(changelog, fs.readFileSync(changelog, 'utf8').replace(/^## .*$/m, heading));
  await git('commit', '--quiet', '-am', `Release ${version}`);
  await git('tag', `v${version}`);
  const checked = await call('node', ['scripts/release/version.js', '--check', `v${version}`], { cwd: clone });
  console.log(`version    ${checked.trim()}, tag v${version}, "${heading}"`);
  return clone;
}

/** Copies the binaries into the clone and packs the packages. */
async function pack(clone) {
  const own = targets.find(({ name }) => name === triple());
  const ownFile = [own.file, path.join(root, path.basename(own.file))].find((file) => fs.existsSync(file));
  if (!ownFile) throw new Error('no binary: npm run build');
  for (const { file } of targets) {
    fs.copyFileSync(fs.existsSync(file) ? file : ownFile, path.join(clone, path.relative(root, file)));
  }
  const built = targets.filter(({ file }) => fs.existsSync(file)).map(({ name }) => name);
  const packed = (await call('npm', ['run', '--silent', 'pack'], { cwd: clone, ...ADDRESS })).trim().split('\n');
  const binaries = built.length > 0 ? built.join(', ') : `${own.name} of npm run build`;
  console.log(`packed     ${packed.length} packages; binaries: ${binaries}`);
}

/** Publishes all packages: the first run fails halfway, the second one continues, the third one has nothing to do. */
async function publish(clone, { url, userconfig }, version) {
  const args = ['run', '--silent', 'publish:packages', '--', '--registry', url];
  const attempt = () => call('npm', args, { cwd: clone, npm_config_userconfig: userconfig });
  const skipped = (output) => (output.match(/ is there$/gm) || []).length;
  const tarball = path.join(clone, 'build', 'packages', `${MAIN}-${version}.tgz`);
  fs.renameSync(tarball, `${tarball}.away`);
  const failure = await attempt().then(
    () => new Error('publishing succeeded without the tarball of the main package'),
    (err) => err,
  );
  if (!failure.message.includes(`no build/packages/${MAIN}-${version}.tgz`)) throw failure;
  fs.renameSync(`${tarball}.away`, tarball);
  const [second, third] = [skipped(await attempt()), skipped(await attempt())];
  const all = targets.length + 1 + ALIASES.length;
  if (second !== targets.length || third !== all) throw new Error(`skipped ${second}, then ${third} of ${all}`);
  console.log(`published  ${second} packages, then a failure; ${all - second} by the next run; 0 by the third`);
}

/** The JavaScript samples of an installed README. */
const samples = (readme) => [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, source]) => source);

/** Installs the packages in an empty project and runs the first samples of README. */
async function install(work, [node, npm], { userconfig }, version) {
  const [program, cli] = [executable(node), path.join(tool(`npm@${npm}`), 'npm', 'bin', 'npm-cli.js')];
  const project = path.join(work, `node-${node}`);
  fs.mkdirSync(project);
  fs.writeFileSync(path.join(project, 'package.json'), '{ "private": true }');
  const env = { PATH: `${path.dirname(program)}:${withoutRust}`, npm_config_userconfig: userconfig };
  const wanted = [`${MAIN}@${version}`, `unix-dgram@npm:${MAIN}-unix-dgram@${version}`];
  await call(program, [cli, 'install', ...wanted], { cwd: project, ...env });

  const modules = path.join(project, 'node_modules');
  const manifest = JSON.parse(fs.readFileSync(path.join(modules, MAIN, 'package.json'), 'utf8'));
  const address = `${ADDRESS.GITHUB_SERVER_URL}/${ADDRESS.GITHUB_REPOSITORY}`;
  if (manifest.version !== version || manifest.homepage !== `${address}#readme`) throw new Error('another manifest');
  const readme = fs.readFileSync(path.join(modules, MAIN, 'README.md'), 'utf8');
  for (const [i, expected] of PRINTED.entries()) {
    const printed = await call(program, ['-e', samples(readme)[i]], { cwd: project, ...env });
    if (!expected.test(printed)) throw new Error(`sample ${i + 1} printed ${printed}`);
  }
  const alias = `require('unix-dgram').createSocket('unix_dgram').close(); console.log(process.version)`;
  const running = (await call(program, ['-e', alias], { cwd: project, ...env })).trim();
  const platforms = fs.readdirSync(modules).filter((name) => name.startsWith(`${MAIN}-`));
  console.log(`installed  Node.js ${running}, npm ${npm}: ${platforms.join(', ')}; ${PRINTED.length} samples ran`);
}

async function main([version = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version]) {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-rehearsal-'));
  let local;
  try {
    local = await registry(work);
    const clone = await commitRelease(work, version);
    await pack(clone);
    await publish(clone, local, version);
    for (const installer of INSTALLERS) await install(work, installer, local, version);
  } finally {
    if (local) {
      local.server.close();
      local.server.closeAllConnections();
    }
    fs.rmSync(work, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).catch((err) => {
  console.error(`release:rehearse: ${err.message}`);
  process.exitCode = 1;
});
