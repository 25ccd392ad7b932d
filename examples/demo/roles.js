'use strict';

/** Processes of the demo. A file has several roles; each role runs in a process of its own and reports to the first process. */

const { fork } = require('child_process');

const running = new Set();

/** Starts a process with a role of the file. */
function startRole(file, role, ...args) {
  const child = fork(file, [role, ...args.map(String)]);
  running.add(child);
  child.once('exit', () => running.delete(child));

  /** Resolves to the next report of that name; rejects if the process ends before. */
  const next = (name) =>
    new Promise((resolve, reject) => {
      const onMessage = (message) => {
        if (!(name in message)) return;
        child.removeListener('message', onMessage);
        child.removeListener('exit', onExit);
        resolve(message[name]);
      };
      const onExit = (code, signal) => reject(new Error(`the ${role} process ended with ${signal || code}`));
      child.on('message', onMessage);
      child.once('exit', onExit);
    });

  return {
    pid: child.pid,
    next,
    on: (name, listener) => child.on('message', (message) => name in message && listener(message[name])),
    send: (message) => child.send(message),
  };
}

/** Ends all processes. Each of them also ends by itself when the first process has ended. */
function endAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** Runs the role that this process was started for, if `module` is the file that it was started with. */
function roles(module, table) {
  if (require.main !== module) return;
  process.once('disconnect', () => process.exit());
  table[process.argv[2]](...process.argv.slice(3));
}

/** Sends a report, for example { ready: true }, to the first process. */
const report = (message) => process.send(message);

module.exports = { startRole, endAll, roles, report };
