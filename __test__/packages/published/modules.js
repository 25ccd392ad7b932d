'use strict';
// npm run test:packages: require(), named and default imports, and the deep paths of 0.2.7, with the installed package.

const { test } = require('node:test');
const { USE, installed, succeed, write } = require('./tools');

/** The exports of each path of 0.2.7, with and without the extension. */
const DEEP = {
  index: ['DgramSocket', 'SeqpacketServer', 'SeqpacketSocket', 'closeFd', 'createReuseportFd'],
  seqpacket: ['SeqpacketServer', 'SeqpacketSocket'],
  dgram: ['DgramSocket'],
  socket: ['closeFd', 'createReuseportFd'],
};
const paths = Object.entries(DEEP).flatMap(([name, members]) => [
  [`node-unix-socket/js/${name}`, members],
  [`node-unix-socket/js/${name}.js`, members],
]);

const COMMONJS = `
const assert = require('assert');
const lib = require('node-unix-socket');
const { createSocketPair } = lib;
for (const [name, members] of ${JSON.stringify(paths)}) {
  for (const member of members) assert.strictEqual(require(name)[member], lib[member], name + ' ' + member);
}
for (const name of ['unix-dgram', 'unix-dgram-queued']) {
  assert.deepStrictEqual(Object.keys(require('node-unix-socket/' + name)), ['createSocket']);
}
assert.strictEqual(typeof require('node-unix-socket/package.json').version, 'string');
assert.throws(() => require('node-unix-socket/js/core'), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' });
${USE}`;

const MODULE = `
import assert from 'assert';
import lib, {
  DgramSocket, SeqpacketServer, SeqpacketSocket, closeFd, createReuseportFd, createSocketPair, getFd, listenReuseport,
} from 'node-unix-socket';
import * as all from 'node-unix-socket';
import { createSocket } from 'node-unix-socket/unix-dgram';
import { createSocket as createQueued } from 'node-unix-socket/unix-dgram-queued';
${paths.map(([name, members], i) => `import { ${members.map((member) => `${member} as ${member}${i}`)} } from '${name}';`).join('\n')}
const named = {
  DgramSocket, SeqpacketServer, SeqpacketSocket, closeFd, createReuseportFd, createSocketPair, getFd, listenReuseport,
};
assert.deepStrictEqual(Object.keys(lib).sort(), Object.keys(named).sort());
for (const name of Object.keys(named)) {
  assert.strictEqual(typeof named[name], 'function', name);
  assert.strictEqual(lib[name], named[name], name);
  assert.strictEqual(all[name], named[name], name);
}
${paths.flatMap(([, members], i) => members.map((member) => `assert.strictEqual(${member}${i}, ${member});`)).join('\n')}
for (const create of [createSocket, createQueued]) assert.strictEqual(typeof create, 'function');
${USE}`;

test('every way to import the package has the right exports', { timeout: 120000 }, async (t) => {
  const project = await installed(t);
  const programs = { 'commonjs.cjs': COMMONJS, 'module.mjs': MODULE };
  write(project, programs);
  for (const name of Object.keys(programs)) {
    await t.test(name, async (t) => {
      const stdout = await succeed(t, process.execPath, [name], { cwd: project });
      if (stdout !== 'moved\n') throw new Error(`output: ${stdout}`);
    });
  }
});
