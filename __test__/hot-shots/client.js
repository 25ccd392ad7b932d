'use strict';

// A program that uses hot-shots, unmodified, with the unix-dgram that require finds beside it.
// node client.js MODULES SOCKET OPTIONS; then a command a line, answered by a line of JSON:
//   send N      N counters, each name used once; { sent: [...], failed: { name: code } } when all callbacks have run
//   start N     the same without an answer; then 'outstanding' says how many callbacks have not run, 'rest' awaits them
//   fire N      without callbacks: what fails is in 'errors', the codes errorHandler has got since
//   long N      one event of N bytes
//   close       { closed: null or the error }; the process ends when nothing keeps it

const { createRequire } = require('node:module');
const path = require('node:path');
const readline = require('node:readline');

const [modules, at, options] = process.argv.slice(2);
const { StatsD } = createRequire(path.join(modules, 'program.js'))('hot-shots');
const errors = [];
const client = new StatsD({
  protocol: 'uds',
  path: at,
  errorHandler: (err) => errors.push(err.code || err.message),
  ...JSON.parse(options),
});

let names = 0;
let outstanding = 0;
let results = [];

function count() {
  const name = `metric.${names++}`;
  outstanding++;
  return new Promise((resolve) => {
    client.increment(name, 1, (err) => {
      outstanding--;
      resolve([name, err ? err.code : null]);
    });
  });
}

const several = (n, fn) => Array.from({ length: Number(n) }, fn);
const outcome = async () => {
  const all = await Promise.all(results.splice(0));
  const failed = all.filter(([, code]) => code !== null);
  return { sent: all.filter(([, code]) => code === null).map(([name]) => name), failed: Object.fromEntries(failed) };
};

const commands = {
  send: (n) => {
    results = several(n, count);
    return outcome();
  },
  start: (n) => {
    results = several(n, count);
  },
  // Everything that can be sent has been by then: callbacks of what was accepted take a turn or two.
  outstanding: async () => {
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    return outstanding;
  },
  rest: outcome,
  fire: (n) => {
    several(n, () => client.increment('fired'));
    client.flush();
  },
  errors: () => errors.splice(0),
  long: (n) => new Promise((resolve) => client.event('t', 'x'.repeat(n), {}, (err) => resolve(err ? err.code : null))),
  close: () =>
    new Promise((resolve) => {
      client.close((err) => resolve({ closed: err ? err.message : null }));
    }),
};

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const [name, argument] = line.split(' ');
  const answer = await commands[name](argument);
  if (answer !== undefined) console.log(JSON.stringify(answer));
  if (name === 'close') process.stdin.destroy();
});
console.log('ready');
