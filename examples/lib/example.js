'use strict';

/**
 * The frame of every example: a temporary folder, foreign programs that are ended whatever happens, one way out.
 * Exit codes: 0 everything was as expected, 1 it was not, 77 not run because a program is missing.
 */

const { spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');

const NOT_RUN = 77;
const DEADLINE = 30000;
const ROOT = path.join(__dirname, '..', '..');
const SEARCH = [...(process.env.PATH || '').split(':'), '/usr/sbin', '/sbin', '/lib/systemd']; // daemons are not in everybody's PATH

const children = [];

/** The full path of a program, or undefined. One with a slash is a file of this checkout. */
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

/** Starts a program that lives as long as the example does. */
function start(program, args, options) {
  const child = spawn(which(program) || program, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
  child.on('error', (err) => console.error(`${program}: ${err.message}`));
  children.push(child);
  return child;
}

/** Runs a program to its end and resolves to its output; rejects, with what it said, unless it exits with 0. */
async function run(program, args, { input = '', ...options } = {}) {
  const child = start(program, args, { ...options, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdin.on('error', () => {}).end(input); // a program need not read what it is offered
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${signal || code}: ${stderr || stdout}`);
  return stdout;
}

/** Resolves once the condition holds: for what another process does out of our sight, such as making its socket file. */
async function until(condition, what) {
  for (const end = Date.now() + DEADLINE / 3; !condition(); ) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Whether a socket has that address, by what the kernel shows. One can connect only once it listens, a little after its file appears. */
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

/** Ends what still runs, and resolves once it has ended. */
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
 * @param {string[]} needs programs it cannot do without
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
  fs.chmodSync(dir, 0o755); // programs that drop their rights have to reach their sockets here

  let finished = false;
  async function finish(err) {
    if (finished) return;
    finished = true;
    clearTimeout(watchdog);
    if (err) console.error(err);
    await endChildren('SIGTERM');
    fs.rmSync(dir, { recursive: true, force: true });
    if (err) process.exit(1); // else by itself: every socket of the example is closed
  }

  const watchdog = setTimeout(() => finish(new Error(`not done after ${DEADLINE / 1000} s`)), DEADLINE);
  process.once('uncaughtException', finish);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => finish(new Error(`ended by ${signal}`)));
  await body({ dir, run, start, appears }).then(() => finish(), finish);
}

module.exports = { example, until, socketExists, which, NOT_RUN };
