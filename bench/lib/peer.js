'use strict';
// One process of a measurement: node peer.js ROW ROLE CONTESTANT PARAMS(JSON)
// Exchanges lines with the runner (lib/pair.js) over stdin and stdout, as floor.c does:
//   out: ready | tell VALUE (passed on to the other processes) | report JSON        in: go | told VALUE
const readLines = require('./lines');

const [row, role, contestant, json] = process.argv.slice(2);

const say = (line) => process.stdout.write(`${line}\n`);
const handlers = { go: null, told: null };
const early = [];

function hear(line) {
  const [, verb, value] = line.match(/^(\w+) ?(.*)$/);
  if (handlers[verb]) handlers[verb](value === '' ? undefined : JSON.parse(value));
  else early.push(line);
}

readLines(process.stdin, hear);
process.stdin.on('end', () => process.exit(0));

function handle(verb, fn) {
  handlers[verb] = fn;
  for (const line of early.splice(0)) hear(line);
}

const control = {
  ready: (onGo) => {
    if (onGo) handle('go', onGo);
    say('ready');
  },
  onTold: (fn) => handle('told', fn),
  tell: (value) => say(`tell ${JSON.stringify(value)}`),
  report: (value) => say(`report ${JSON.stringify(value)}`),
};

require(`../rows/${row}`).roles[role](require('../contestants')[contestant], JSON.parse(json), control);
