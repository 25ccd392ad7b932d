'use strict';
// Child processes: Node.js, Python, socat. Their stdio is piped.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { deadline } = require('./deadline');
const { root: libPath } = require('./lib');

const modules = path.join(__dirname, '..', '..', 'node_modules');

/** Starts a process that is killed after the test. Collects its output; its standard output can be read line by line. */
function start(t, file, args, options = {}) {
  const child = spawn(file, args, { stdio: 'pipe', ...options });
  const text = { stdout: '', stderr: '' };
  const waiting = [];
  let taken = 0;
  let ended = null;

  function handOut() {
    while (waiting.length > 0) {
      const newline = text.stdout.indexOf('\n', taken);
      if (newline >= 0) {
        waiting.shift().resolve(text.stdout.slice(taken, newline));
        taken = newline + 1;
      } else if (ended) {
        waiting.shift().reject(new Error(`${file} ended (${ended}) without another line: ${text.stderr}`));
      } else {
        return;
      }
    }
  }

  for (const name of ['stdout', 'stderr']) {
    child[name].setEncoding('utf8').on('data', (chunk) => {
      text[name] += chunk;
      handOut();
    });
  }
  child.stdin.on('error', () => {}); // EPIPE if the child process has ended, which `done` reports

  const done = new Promise((resolve, reject) => {
    child.on('error', (err) => {
      ended = err.message;
      handOut();
      reject(err.code === 'ENOENT' ? new Error(`${file} is not installed (.ci/run installs it)`) : err);
    });
    child.on('close', (code, signal) => {
      ended = signal || `code ${code}`;
      handOut();
      resolve({ code, signal, ...text });
    });
  });
  done.catch(() => {}); // no unhandledRejection if the test does not await it
  t.after(() => {
    if (!ended) child.kill('SIGKILL');
    return done.catch(() => {});
  });

  return {
    pid: child.pid,
    /** Resolves to the next line of standard output. Rejects if the process ends without another line. */
    line: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        handOut();
      }),
    send: (data) => child.stdin.write(data),
    /** Closes its standard input. */
    end: () => child.stdin.end(),
    kill: (signal = 'SIGKILL') => child.kill(signal),
    /** Resolves to { code, signal, stdout, stderr }. */
    done,
  };
}

/** Runs python3 source with the arguments in sys.argv[1:]. */
function python(t, source, args = []) {
  return start(t, 'python3', ['-u', '-c', source, ...args.map(String)]);
}

function socat(t, args) {
  return start(t, 'socat', args);
}

// `lib` is a getter, so that a script that only starts workers does not load the package in the main thread.
const preamble = (args, cpuFile) => `
globalThis.args = ${JSON.stringify(args === undefined ? null : args)};
globalThis.libPath = ${JSON.stringify(libPath)};
Object.defineProperty(globalThis, 'lib', { get: () => require(libPath), configurable: true });
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  require('fs').writeFileSync(${JSON.stringify(cpuFile)}, String((user + system) / 1000));
});
`;

/**
 * Runs JavaScript (source text, or a function without closures) in a separate Node.js process. In its scope: `lib` (the
 * package), `libPath` (for workers to require), `args` (JSON); development dependencies can be required.
 * Resolves to { code, signal, stdout, stderr, cpuMs, timedOut }. cpuMs is NaN if a signal ended the process.
 */
async function runChild(t, scriptOrFn, { args, env = {}, timeout = deadline, nodeArgs = [] } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const script = path.join(folder, 'script.js');
  const cpuFile = path.join(folder, 'cpu');
  const body = typeof scriptOrFn === 'function' ? `(${scriptOrFn})();` : scriptOrFn;
  fs.writeFileSync(script, `${preamble(args, cpuFile)}\n${body}\n`);

  const inherited = { ...process.env, NODE_PATH: modules };
  delete inherited.NODE_OPTIONS;
  delete inherited.NODE_TEST_CONTEXT; // the child process does not report to the test runner
  const child = start(t, process.execPath, [...nodeArgs, script], { cwd: folder, env: { ...inherited, ...env } });
  child.end();

  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill();
  }, timeout);
  const result = await child.done.finally(() => clearTimeout(timer));
  const cpuMs = fs.existsSync(cpuFile) ? Number(fs.readFileSync(cpuFile, 'utf8')) : NaN;
  return { ...result, cpuMs, timedOut };
}

module.exports = { start, python, socat, runChild };
