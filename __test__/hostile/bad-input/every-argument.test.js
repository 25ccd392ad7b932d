'use strict';
// Every argument of every method with hostile values, on objects in every state: an error with a code and no other
// effect, or a documented no-op; never a crash, a hang or a leaked descriptor. Each subject runs in a separate process.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { deadline, runChild, tmp } = require('../../helpers');
const { subjects } = require('./subjects');

const folder = __dirname;

const attackOne = `
const { attack } = require(args.folder + '/attack.js');
const { subjects } = require(args.folder + '/subjects.js');
attack(subjects[args.name], args.progress);
`;

describe('hostile arguments have no effect but errors with a code', { concurrency: 2 }, () => {
  for (const name of Object.keys(subjects)) {
    test(name, { timeout: deadline }, async (t) => {
      const progress = path.join(tmp(t), 'progress');
      const options = { args: { folder, name, progress }, timeout: deadline - 1000 };
      const { code, signal, stderr } = await runChild(t, attackOne, options);
      if (code === 0 && !signal) return;
      assert.fail(`${signal || `code ${code}`} at ${fs.readFileSync(progress, 'utf8').trim()}\n${stderr}`);
    });
  }
});
