'use strict';

/**
 * Runs an example with a temporary directory, and ends all its child processes when it is done or fails.
 * Exit codes: 0 everything was as expected, 1 it was not, 77 a required program is missing.
 */

const { spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');

const NOT_RUN = 77;
const DEADLINE = 30000;
const ROOT = path.join(__dirname, '..', '..');
const SEARCH = [...(process.env.PATH || '').split(':'), '/usr/sbin', '/sbin', '/lib/systemd']; // PATH of normal users has no daemons

const children = [];

/** Full path of a program, or undefined. A name with a slash is relative to this repository. */
function which(program) {
  const folders = program.includes('/') ? [ROOT] : SEARCH;
  return folders
    .map((folder) => path.join(folder, program))
    .find((file) => {
      try {
        fs.accessSync(file, fs.constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Starts a program that is ended with the example. */
function start(program, args, options) {
  const child = spawn(which(program) || program, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
  child.on('error', (err) => console.error(`${program}: ${err.message}`));
  children.push(child);
  return child;
}

/** Runs a program. Resolves to its output; rejects with its output unless it exits with 0. */
async function run(program, args, { input = '', ...options } = {}) {
  const child = start(program, args, { ...options, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdin.on('error', () => {}).end(input); // a program may exit without reading its input
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${signal || code}: ${stderr || stdout}`);
  return stdout;
}

/** Resolves when the condition is true. For events of other processes, such as the creation of a socket file. */
async function until(condition, what) {
  for (const end = Date.now() + DEADLINE / 3; !condition(); ) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** True if a socket with that address exists (and listens), by /proc/net/unix. A socket listens only some time after its file is created. */
function socketExists(address, { listening = false } = {}) {
  const shown = address.replace(/^\0/, '@');
  return fs
    .readFileSync('/proc/net/unix', 'latin1')
    .split('\n')
    .some((line) => {
      const [, , , flags, , , , name] = line.split(/\s+/);
      return name === shown && (!listening || flags === '00010000');
    });
}

const appears = (file) => until(() => fs.existsSync(file), `${file} to appear`);

/** Ends all programs that still run. Resolves when they have exited. */
async function endChildren(signal) {
  const running = children.filter(({ pid, exitCode, signalCode }) => pid && exitCode === null && signalCode === null);
  const ends = running.map((child) => once(child, 'exit'));
  for (const child of running) child.kill(signal);
  if (signal === 'SIGKILL') return Promise.all(ends);
  const stubborn = setTimeout(endChildren, 3000, 'SIGKILL');
  await Promise.all(ends);
  clearTimeout(stubborn);
}

/**
 * Runs the body of an example.
 * @param {string[]} needs required programs
 * @param {(tools: { dir: string, run: typeof run, start: typeof start, appears: typeof appears }) => Promise<void>} body
 */
async function example(needs, body) {
  const missing = needs.filter((program) => !which(program));
  if (missing.length > 0) {
    console.log(
      `not run: ${missing.join(', ')} missing (npm ci and scripts/test/install-peers.sh install what the examples need)`,
    );
    process.exitCode = NOT_RUN;
    return;
  }
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unix-socket-'));
  fs.chmodSync(dir, 0o755); // for programs that drop their privileges

  let finished = false;
  async function finish(err) {
    if (finished) return;
    finished = true;
    clearTimeout(watchdog);
    if (err) console.error(err);
    await endChildren('SIGTERM');
    fs.rmSync(dir, { recursive: true, force: true });
    if (err) process.exit(1); // otherwise the process exits when all sockets are closed
  }

  const watchdog = setTimeout(() => finish(new Error(`not done after ${DEADLINE / 1000} s`)), DEADLINE);
  process.once('uncaughtException', finish);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => finish(new Error(`ended by ${signal}`)));
  await body({ dir, run, start, appears }).then(() => finish(), finish);
}

module.exports = { example, until, socketExists, which, NOT_RUN };
