'use strict';
// Runs a function in a separate process, which lets other processes share its sockets. A fault stops only that process.

const { node } = require('../../helpers/sockets');

/**
 * Resolves to what `fn` passes to `done`. In the scope of `fn`: `lib`, `args` (JSON). Its argument has the functions below.
 */
async function separate(t, fn, args) {
  const child = node(t, `async () => (${fn})((${tools})())`, args);
  return JSON.parse(await child.line());
}

function tools() {
  const { execFileSync } = require('child_process');
  const turns = async (n) => {
    for (let i = 0; i < n; i++) await new Promise(setImmediate);
  };
  return {
    turns,
    /** Runs a Python program that has a descriptor of this process as its descriptor 3. */
    share: (fd, program) => execFileSync('python3', ['-c', program], { stdio: ['ignore', 'inherit', 'inherit', fd] }),
    /** Records events, with the text or the error code that they have. */
    record(socket, ...events) {
      const log = [];
      const detailOf = (value) => value?.code ?? (Buffer.isBuffer(value) ? String(value) : '');
      for (const event of events) socket.on(event, (value) => log.push(`${event} ${detailOf(value)}`.trim()));
      return log;
    },
    /** The share of a core that this process uses while nothing happens. */
    async load() {
      await turns(20);
      const [cpu, since] = [process.cpuUsage(), performance.now()];
      await new Promise((resolve) => setTimeout(resolve, 200));
      const { user, system } = process.cpuUsage(cpu);
      return (user + system) / 1000 / (performance.now() - since);
    },
    done(result) {
      console.log(JSON.stringify(result));
      process.exit();
    },
  };
}

module.exports = { separate };
