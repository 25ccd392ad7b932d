'use strict';
// Two versions of the package in one process, each with its binary.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { version } = require('../../package.json');
const { deadline, runChild, sockPath, tmp } = require('../helpers');
const { built, install, installOptional, load, optionalName } = require('../helpers/installed');

const OTHER = '1.99.0';

/** A project with this version, and a dependency of it with another version, as npm installs them. */
function nested(t) {
  const project = tmp(t);
  const outer = install(t, {}, project);
  installOptional(outer, version, built);
  const inner = install(t, { version: OTHER }, path.join(project, 'node_modules', 'dependency'));
  const file = path.join(inner, 'js', 'binding.js');
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(`VERSION = '${version}'`, `VERSION = '${OTHER}'`));
  return { outer, inner };
}

/** Connects a client of one version to a server of the other, in both combinations, and prints replies. */
async function talk() {
  const libraries = args.folders.map((folder) => require(folder));
  for (const [one, other] of [libraries, [...libraries].reverse()]) {
    const server = new one.SeqpacketServer();
    server.listen(args.at);
    const client = new other.SeqpacketSocket();
    server.on('connection', (peer) => {
      peer.on('data', (data) => peer.write(Buffer.from(`${data}, heard`)));
      peer.on('end', () => peer.end());
    });
    client.connect(args.at, () => client.write(Buffer.from('said')));
    await new Promise((resolve) => {
      client.on('data', (data) => {
        console.log(String(data));
        resolve();
      });
    });
    await new Promise(setImmediate); // 0.2.7 must not be closed in a listener
    client.end();
    server.close();
    require('fs').rmSync(args.at, { force: true });
  }
}

async function assertTalk(t, folders) {
  const { code, signal, stdout, stderr } = await runChild(t, talk, { args: { folders, at: sockPath(t) } });
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' });
  assert.equal(stdout, 'said, heard\nsaid, heard\n');
}

test('two versions, each with its binary, exchange messages in one process', { timeout: deadline }, async (t) => {
  const { outer, inner } = nested(t);
  installOptional(inner, OTHER, built);
  await assertTalk(t, [outer, inner]);
});

test('a version without its binary does not load the binary of the other version', { timeout: deadline }, async (t) => {
  const { inner } = nested(t);
  const { require: failure } = await load(t, inner);
  assert.equal(failure.code, 'ERR_NATIVE_BINDING_NOT_FOUND');
  const expected = `${optionalName}: version ${version} is installed, ${OTHER} is needed`;
  assert.ok(failure.message.includes(expected), failure.message);
});

test('0.2.7 and this version exchange messages in one process', { timeout: deadline }, async (t) => {
  const { outer } = nested(t);
  await assertTalk(t, [outer, path.dirname(require.resolve('node-unix-socket-0.2.7/package.json'))]);
});
