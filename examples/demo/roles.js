'use strict';

/** Processes of the demo. A file has several roles, each in a process of its own that reports to the first process. */

const { fork } = require('child_process');

const running = new Set();

/** Starts a role of the file. `told('ready')` resolves to the value of the next report with that name, and rejects if the process exits first. */
function play(file, role, ...args) {
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

/** Ends all processes. Each one also exits when the first process exits. */
function endAll() {
  for (const child of running) child.kill('SIGKILL');
}

/** Called by a file with roles. In a process started by `play` it runs the role. */
function roles(module, table) {
  if (require.main !== module) return;
  process.once('disconnect', () => process.exit());
  table[process.argv[2]](...process.argv.slice(3));
}

/** Sends a report, for example { ready: true }, to the first process. */
const report = (message) => process.send(message);

module.exports = { startRole, endAll, roles, report };
