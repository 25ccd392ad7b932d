'use strict';
// Runs random sequences or arguments in a child process, so that the seed and the last case are known after a crash.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const randomSeed = () => Math.floor(Math.random() * 2 ** 31);

/** Resolves to { failed, text, numRuns }. The seed is PROPERTY_SEED or random. */
function runProperty({
  name = 'sequences',
  runs,
  seed = Number(process.env.PROPERTY_SEED) || randomSeed(),
  env: more,
}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-'));
  const journal = path.join(folder, 'last');
  const where = process.env.PROPERTY_PATH ? [process.env.PROPERTY_PATH] : [];
  const env = { ...process.env, ...more, PROPERTY_JOURNAL: journal };
  delete env.NODE_TEST_CONTEXT;
  const child = spawn(process.execPath, [path.join(__dirname, 'run.js'), name, String(runs), String(seed), ...where], {
    env,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      const last = fs.existsSync(journal) ? fs.readFileSync(journal, 'utf8') : '';
      fs.rmSync(folder, { recursive: true });
      resolve(verdict({ runs, seed, code, signal, stdout, stderr, last }));
    });
  });
}

function verdict({ runs, seed, code, signal, stdout, stderr, last }) {
  if (code !== 0) {
    const text = `PROPERTY_SEED=${seed}: ${signal || `code ${code}`}\n${stderr}\nlast: ${last}`;
    return { failed: true, text, numRuns: runs };
  }
  const { failed, numRuns, path: where, error, example, text: told } = JSON.parse(stdout);
  if (!failed) return { failed, text: `PROPERTY_SEED=${seed}: ${told}`, numRuns };
  const text = `PROPERTY_SEED=${seed} PROPERTY_PATH=${where}\n${error}\n${example}`;
  return { failed, text, numRuns };
}

module.exports = { runProperty };
