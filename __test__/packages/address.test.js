'use strict';
// npm run pack: the address of the repository in the manifests and documents of all packages.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { packAliases, packAll } = require('../../scripts/release/pack');
const { withAbsoluteLinks } = require('../../scripts/release/address');
const root = require('../../scripts/lib/root');
const { version } = require('../../package.json');
const { tmp } = require('../helpers');
const { packEvery } = require('../helpers/registry');

const URL = 'https://code.example/owner/name';
const timeout = 120000;

/** Packs packages with the environment variables of a workflow: the main one, then those that replace unix-dgram, are the last. */
function pack(t, { server, repository }, packMain) {
  const former = { ...process.env };
  t.after(() => {
    process.env = former;
  });
  process.env = { ...former, GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository };
  const store = tmp(t);
  return [...packMain(store), ...packAliases(store)];
}

const read = (tarball, name) => execFileSync('tar', ['-xzOf', tarball, `package/${name}`], { encoding: 'utf8' });
const manifestOf = (tarball) => JSON.parse(read(tarball, 'package.json'));
const names = (tarball) => execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');

/** Targets of the links and pictures of a Markdown text. */
const targets = (text) =>
  [...text.replace(/^```.*?^```$/gms, '').matchAll(/(!?)\[[^\]]*\]\(([^)]*)\)/g)].map(([, picture, target]) => ({
    picture: picture === '!',
    target,
  }));

test('with an address, all ten packages name it, and their links lead to files of the tag', { timeout }, (t) => {
  const tarballs = pack(t, { server: 'https://code.example', repository: 'owner/name' }, packEvery);
  assert.strictEqual(tarballs.length, 10);
  const tag = { false: `${URL}/blob/v${version}/`, true: `${URL}/raw/v${version}/` };
  for (const tarball of tarballs) {
    const { name, repository, homepage, bugs } = manifestOf(tarball);
    const short = name.replace('node-unix-socket', '').slice(1);
    const directory = short && { directory: `npm/${short}` };
    assert.deepStrictEqual(
      { repository, homepage, bugs },
      {
        repository: { type: 'git', url: `git+${URL}.git`, ...directory },
        homepage: `${URL}#readme`,
        bugs: { url: `${URL}/issues` },
      },
      name,
    );
    const documents = names(tarball).filter((file) => file.endsWith('.md'));
    assert.ok(documents.includes('package/README.md'), name);
    for (const document of documents) {
      for (const { target, picture } of targets(read(tarball, document.replace('package/', '')))) {
        if (/^https:/.test(target) && !target.startsWith(URL)) continue;
        assert.ok(target.startsWith(tag[picture]), `${name}, ${document}: ${target}`);
        const file = target.slice(tag[picture].length).replace(/#.*/, '');
        assert.ok(fs.existsSync(path.join(root, file)), `${name}, ${document}: ${target}`);
      }
    }
  }
  const readme = read(tarballs[7], 'README.md');
  assert.ok(targets(readme).filter(({ target }) => target.startsWith(URL)).length > 20);
  assert.ok(readme.includes(`](${URL}/raw/v${version}/docs/overview.svg)`));
});

test('without an address, no package has one, and README is that of the repository', { timeout }, (t) => {
  const tarballs = pack(t, { server: '', repository: '' }, (store) => Object.values(packAll(store, [])));
  for (const tarball of tarballs) {
    const { name, repository, homepage, bugs } = manifestOf(tarball);
    assert.deepStrictEqual([repository, homepage, bugs], [undefined, undefined, undefined], name);
  }
  assert.strictEqual(read(tarballs[0], 'README.md'), fs.readFileSync(path.join(root, 'README.md'), 'utf8'));
});

test('links with anchors, to folders, of other sites and in samples', () => {
  const text = (prefix) =>
    [
      `[a\nlong label](${prefix.blob}README.md#limits) [here](#there) [npm](https://npmjs.com)`,
      `![picture [of] it](${prefix.raw}docs/overview.svg) [folder](${prefix.tree}docs/guides)`,
      '```js\nlinks[0](README.md);\n```',
    ].join('\n');
  const relative = text({ blob: '../../', raw: '../../', tree: '../../' });
  const [blob, raw, tree] = ['blob', 'raw', 'tree'].map((kind) => `${URL}/${kind}/v1.2.3/`);
  const folder = path.join(root, 'npm', 'unix-dgram');
  assert.strictEqual(withAbsoluteLinks(relative, folder, '1.2.3', URL), text({ blob, raw, tree }));
  assert.strictEqual(withAbsoluteLinks(relative, folder, '1.2.3', undefined), relative);
  assert.throws(() => withAbsoluteLinks('[gone](gone.md)', root, '1.2.3', URL), { code: 'ENOENT' });
});
