'use strict';
// npm run test:packages: hot-shots is installed with the overrides of docs/guides/from-unix-dgram.md by npm, pnpm and yarn,
// and gets this package in the place of unix-dgram, with and without a queue.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { packEvery, packOthers, serve } = require('../../helpers/registry');
const root = require('../../../scripts/lib/root');
const { managers, prepare, succeed, tmp } = require('./tools');

const guide = fs.readFileSync(path.join(root, 'docs', 'guides', 'from-unix-dgram.md'), 'utf8');

/** The code block of the guide that contains `word`. */
function block(language, word) {
  const blocks = [...guide.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text);
  return blocks.find((text) => text.includes(word));
}

// Prints what hot-shots requires, and how many messages it may send to a receiver that reads nothing.
const USE = `
const { createRequire } = require('module');
const from = createRequire(require.resolve('hot-shots'));
const { createSocket } = from('unix-dgram');
const { DgramSocket } = createRequire(from.resolve('unix-dgram'))('node-unix-socket');
const receiver = new DgramSocket({ paused: true });
receiver.bind('./s');
const socket = createSocket('unix_dgram');
socket.connect('./s');
let sent = 0;
for (let i = 0; i < 1000; i++) socket.send(Buffer.from('x'), (err) => { if (!err) sent++; });
console.log(sent === 1000 ? 'queue' : 'no queue');
process.exit();
`;

const HOT_SHOTS = JSON.stringify({ dependencies: { 'hot-shots': '^17.0.0' } });
const pnpm = () => ({ 'package.json': HOT_SHOTS, 'pnpm-workspace.yaml': block('yaml', 'overrides:') });
const yarn = () => ({ 'package.json': block('json', '"resolutions"') });
const files = {
  npm: () => ({ 'package.json': block('json', '"overrides"') }),
  'pnpm 10': pnpm,
  'pnpm 12': pnpm,
  'yarn 1': yarn,
  'yarn 4': yarn,
};

test('hot-shots with an override in the place of unix-dgram', { timeout: 300000 }, async (t) => {
  const store = tmp(t);
  const registry = await serve(t, [...packEvery(store), ...(await packOthers(t, store, ['hot-shots']))]);
  for (const [name, install] of Object.entries(managers)) {
    for (const [alias, expected] of [
      ['node-unix-socket-unix-dgram', 'no queue\n'],
      ['node-unix-socket-unix-dgram-queued', 'queue\n'],
    ]) {
      await t.test(`${name}, ${alias}`, async (t) => {
        const named = Object.entries(files[name]()).map(([file, text]) => [
          file,
          text.replace('node-unix-socket-unix-dgram', alias),
        ]);
        const at = prepare(t, { ...Object.fromEntries(named), 'use.js': USE }, registry);
        await install(t, at);
        assert.equal(await succeed(t, process.execPath, ['use.js'], { cwd: at.project }), expected);
      });
    }
  }
});
