'use strict';
// The samples of README.md and of the guides survive peers that leave: other clients that connect, send and leave, and
// sockets of the sample itself that are destroyed early.

const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { deadline } = require('../helpers');
const { start } = require('../helpers/processes');
const { root, samples, write } = require('../helpers/samples');

const preload = path.join(__dirname, '..', 'fixtures', 'leaving-peers', 'preload.js');
/** For each way in which peers leave: the samples that it concerns, and after how many turns of the event loop. */
const ways = {
  intruder: { concerns: /\.(listen|bind)\(/, moments: [0] },
  server: { concerns: /new SeqpacketServer/, moments: [0, 1, 2, 5] },
  first: { concerns: /createSocketPair\(/, moments: [1, 2, 5] },
  second: { concerns: /createSocketPair\(/, moments: [1, 2, 5] },
};

for (const sample of samples()) {
  const { file, number, source } = sample;
  for (const [way, { concerns, moments }] of Object.entries(ways)) {
    if (!concerns.test(source) || !/SeqpacketServer|DgramSocket|createSocketPair/.test(source)) continue;
    test(`sample ${number} of ${file} survives: ${way}`, { timeout: deadline }, async (t) => {
      const sampleFile = write(t, sample);
      for (const turns of moments) {
        const env = { ...process.env, LEAVING_PEER: way, LEAVING_AFTER: String(turns) };
        const child = start(t, process.execPath, ['--require', preload, sampleFile], { cwd: root, env });
        const { code, signal, stderr } = await child.done;
        assert.deepStrictEqual({ code, signal }, { code: 0, signal: null }, `after ${turns} turns: ${stderr}`);
      }
    });
  }
}
