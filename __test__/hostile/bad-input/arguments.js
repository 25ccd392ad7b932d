'use strict';
// Random arguments for every member of every subject, several calls on one object. Each call must succeed, or throw an
// error with a code or the error of a hostile argument and have no other effect. In addition, no callback runs twice,
// no descriptor leaks, and open sockets work afterwards.

const fc = require('fast-check');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { openFds } = require('../../helpers');
const { post, turns } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');
const root = require('../../../scripts/lib/root');
const { Attack } = require('./attack');
const kinds = require('./kinds');
const { Builder, spec } = require('./specs');
const { subjects } = require('./subjects');

const corpus = path.join(root, 'fuzz', 'corpus', 'arguments');
/** Turns of the event loop within which the callback of a message to a reading peer has to run. */
const SOON = 200;
const MOST_ARGUMENTS = 5;

const call = fc.record({
  member: fc.nat(40),
  overload: fc.nat(3),
  args: fc.array(spec, { minLength: MOST_ARGUMENTS, maxLength: MOST_ARGUMENTS }),
});
const arbitrary = fc.record({
  subject: fc.constantFrom(...Object.keys(subjects)),
  calls: fc.array(call, { minLength: 1, maxLength: 8 }),
});

const at = (list, n) => list[n % list.length];
let calls = 0;
/** @type {Case | undefined} */
let current;

class Case extends Attack {
  constructor(subject) {
    super(subject, () => {});
    this.builders = [];
    /** Arguments of destroy(), which are emitted as 'error'. */
    this.handed = new Set();
  }

  async run(specs) {
    await this.renew();
    for (const each of specs) this.call(each);
    await turns(1);
    if (this.target.others.length > 0) await this.probe(specs);
    await this.dispose();
    for (const { count } of this.builders.flatMap(({ callbacks }) => callbacks))
      if (count > 1) this.violation(`a callback ran ${count} times`);
  }

  call({ member: n, overload: m, args: specs }) {
    const { object } = this.target;
    const [member, overloads] = at(Object.entries(this.members), n);
    const overload = at(overloads, m);
    const builder = new Builder({
      close: () => object.close?.(),
      again: () => quietly(() => this.keep(member, object[member]())),
    });
    this.builders.push(builder);
    this.name = `${member}(${overload.length})`;
    const args = overload.map((place, i) => builder.build(specs[i], place));
    if (member === 'destroy') this.handed.add(args[0]);
    calls++;
    const acts = builder.acting;
    this.one(member, { args: () => args, takes: object.closed || acts ? undefined : refused(overload, args), acts });
  }

  judgeEvent(err) {
    if (!this.handed.has(err) && err?.code !== 'ABORT_ERR') super.judgeEvent(err);
  }

  judgeError(member, takes, err) {
    const revoked = err instanceof TypeError && err.message.endsWith('a proxy that has been revoked');
    if (!revoked) super.judgeError(member, takes, err);
  }

  keep(member, result) {
    super.keep(member, result);
    for (const each of [].concat(result)) if (each?.on) each.on('error', (err) => this.judgeEvent(err));
  }

  /** Checks that an open socket sends a message and calls its callback. */
  async probe(specs) {
    const { object, others } = this.target;
    const got = [];
    others[0].on('data', (data) => got.push(String(data)));
    others[0].resume();
    if (object.closed || others[0].closed || object.connecting) return;
    const ours = this.name;
    this.name = `a message after ${ours}`;
    let told;
    try {
      post(object, 'probe', (err) => {
        told = { err };
      });
    } catch (err) {
      this.judgeError('send', undefined, err);
      return;
    }
    const members = Object.keys(this.members);
    const away = specs.some(({ member }) => ['connect', 'disconnect'].includes(at(members, member)));
    const done = () => told && (told.err || away || got.includes('probe'));
    for (let i = 0; i < SOON && !done() && !object.closed; i++) await turns(1);
    if (!done() && !object.closed) this.violation(told ? 'was sent and is lost' : 'never called back');
  }
}

function quietly(body) {
  try {
    body();
  } catch {}
}

/** True if `kind` refuses the value. Reading some values throws. */
function looksWrong(kind, value) {
  try {
    return kind(value) === false;
  } catch {
    return false;
  }
}

/** Kinds whose valid values depend on the other arguments. */
const CONTEXTUAL = new Set([kinds.length, kinds.view]);

/** False if an argument must be refused. A function or options before the last argument select another overload. */
function refused(overload, args) {
  const shared = ([kind], i) => typeof args[i] === 'function' || Object.keys(kind.schema || {}).length > 0;
  if (overload.slice(0, -1).some(shared)) return undefined;
  return overload.some(([kind], i) => !CONTEXTUAL.has(kind) && looksWrong(kind, args[i])) ? false : undefined;
}

function judgeUncaught(err) {
  current?.judgeUncaught(err);
}

/** Changes to a temporary folder, in which socket files are created. */
function enterFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-'));
  process.chdir(folder);
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
  process.on('uncaughtException', judgeUncaught);
}

async function run({ subject, calls: specs }) {
  if (current === undefined) {
    enterFolder();
    await warmUp();
  }
  const before = openFds();
  current = new Case(subjects[subject]);
  await current.run(specs);
  for (let i = 0; i < 100 && (i < 2 || openFds() > before); i++) await turns(1);
  const lost = openFds() - before;
  if (lost > 0) current.violation(`${lost} descriptors lost`);
  if (current.violations.length > 0) throw new Error(current.violations.join('\n'));
}

/** A planted fault, an unchecked argument, which has to be reported. */
if (process.env.PROPERTY_PLANTED) {
  for (const { prototype } of [lib.SeqpacketSocket, lib.DgramSocket])
    prototype.setRecvBufferSize = (size) => void size.toFixed();
}

/** Creates a server first, because libuv opens a spare descriptor with the first one. */
async function warmUp() {
  const server = require('node:net').createServer();
  lib.listenReuseport(server, { port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  await new Promise((resolve) => server.close(resolve));
}

const examples = () =>
  fs
    .readdirSync(corpus)
    .sort()
    .map((file) => JSON.parse(fs.readFileSync(path.join(corpus, file), 'utf8')));

module.exports = { arbitrary, examples, run, show: JSON.stringify, told: (runs) => `${calls} calls in ${runs} cases` };
