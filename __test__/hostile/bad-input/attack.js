'use strict';

/**
 * Calls every member of a subject with every hostile value for every argument and every option, and checks each call:
 *
 * - an error is an argument error or system error with a code, or the error of the hostile value;
 * - an invalid argument is refused, a valid one is not;
 * - a call that refuses its arguments does not change the object or open descriptors;
 * - on a closed object a call throws ERR_SOCKET_CLOSED or is a documented no-op.
 */
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const { openFds } = require('../../helpers');
const { turns } = require('../../helpers/sockets');
const { HostileError, hostile, values } = require('./values');

const ofArguments = /^ERR_(INVALID_ARG_TYPE|INVALID_ARG_VALUE|OUT_OF_RANGE|SOCKET_BAD_PORT)$/;

function isSystemError(err) {
  return (
    /^E[A-Z0-9]+$/.test(err.code) && Number.isInteger(err.errno) && err.errno < 0 && typeof err.syscall === 'string'
  );
}

const ofState = ['ERR_SOCKET_CLOSED', 'ERR_SERVER_ALREADY_LISTEN'];

const isCoded = (err) =>
  err instanceof Error && (ofArguments.test(err.code) || ofState.includes(err.code) || isSystemError(err));

const describe = (err) =>
  err instanceof Error ? `${err.name} ${err.code}: ${err.message.slice(0, 100)}` : `thrown value ${typeof err}`;

/** The result of a kind for a value, undefined if reading the value throws. */
function expected(kind, value) {
  try {
    return kind(value);
  } catch {
    return undefined;
  }
}

/**
 * Every call of an overload: its name, a function that returns its arguments, and whether the call must succeed (true),
 * must be refused (false) or may do either (undefined).
 */
function* calls(overload, large) {
  const args = (at, value) => overload.map(([, good], i) => (i === at ? value : good()));
  yield { what: 'good arguments', args: () => args(), takes: true };
  for (const [at, [kind, good]] of overload.entries()) {
    yield* inPlace(kind, good, (value) => args(at, value), `argument ${at + 1}`, large);
  }
}

/** The calls with each hostile value for one argument and, if that is an options object, for each of its properties. */
function* inPlace(kind, good, args, where, large) {
  for (const [name, make] of Object.entries(values)) {
    if (name.endsWith('64 MiB') && !large) continue;
    const value = make();
    yield { what: `${where}: ${name}`, args: () => args(value), takes: expected(kind, value) };
  }
  const options = good();
  if (typeof options !== 'object') return;
  for (const [property, ofProperty] of Object.entries(kind.schema || {})) {
    const withProperty = (descriptor) => {
      return args(
        Object.defineProperty({ ...good() }, property, { enumerable: true, configurable: true, ...descriptor }),
      );
    };
    yield { what: `${where}.${property}: a hostile getter`, args: () => withProperty({ get: hostile }) };
    yield* inPlace(
      ofProperty,
      () => ({}),
      (value) => withProperty({ value }),
      `${where}.${property}`,
    );
  }
}

const told = [
  'fd',
  'closed',
  'destroyed',
  'connecting',
  'listening',
  'writableLength',
  'bytesWritten',
  'droppedMessages',
];
const snapshot = (object) => told.map((name) => object[name]).join();

class Attack {
  constructor({ make, members, whenClosed, construct, large }, note) {
    Object.assign(this, { make, members, whenClosed, construct, large, note, violations: [], suspects: [] });
  }

  async run() {
    await this.renew();
    for (const [member, overloads] of Object.entries(this.members)) {
      for (const overload of overloads) {
        for (const call of calls(overload, this.large)) {
          this.name = `${member}(${overload.length}), ${call.what}`;
          this.note(this.name);
          if (this.one(member, call)) await this.renew();
        }
      }
    }
    await this.dispose();
    return this.violations;
  }

  violation(text) {
    this.violations.push(`${this.name}: ${text}`);
  }

  async renew() {
    await this.dispose();
    this.target = await this.make();
    for (const socket of [this.target.object, ...this.target.others]) {
      if (socket.on) socket.on('error', (err) => this.judgeEvent(err));
    }
  }

  async dispose() {
    if (!this.target) return;
    const { object, others, results } = this.target;
    for (const socket of [object, ...others, ...results]) if (socket.close) socket.close();
    this.target = null;
    await turns(1);
  }

  /** Makes and checks one call. Returns true if the object may have changed. `acts`: the arguments may change it. */
  one(member, { args, takes, acts = false }) {
    const { object } = this.target;
    const list = args();
    const before = snapshot(object);
    const fds = openFds();
    try {
      const result = this.construct ? new object[member](...list) : object[member](...list);
      this.keep(member, result);
      this.judgeSuccess(member, takes);
      return true;
    } catch (err) {
      this.judgeError(member, takes, err);
      if (openFds() > fds) this.suspects.push(this.name); // another thread of Node.js may have opened it temporarily
      const refused = err instanceof HostileError || ofArguments.test(err.code);
      const mayClose = member === 'connect' && err.code === 'ERR_INVALID_ARG_VALUE'; // an impossible path
      if (refused && !mayClose && !acts && snapshot(object) !== before)
        this.violation(`threw ${describe(err)} and changed it`);
      return snapshot(object) !== before;
    }
  }

  judgeEvent(err) {
    if (this.name.startsWith('destroy')) return; // emits its argument
    if (!isCoded(err)) this.violation(`'error' with ${describe(err)}`);
  }

  /** Hostile functions throw when they are called back. */
  judgeUncaught(err) {
    const expected = err instanceof HostileError || /Class constructor/.test(err.message);
    if (!expected) this.violation(`uncaught: ${err.stack}`);
  }

  judgeSuccess(member, takes) {
    if (!this.whenClosed) {
      if (takes === false) this.violation('accepted an invalid argument');
    } else if (!this.whenClosed.noOps.has(member) && !this.whenClosed.unspecified.has(member)) {
      this.violation('succeeded on a closed object');
    }
  }

  judgeError(member, takes, err) {
    if (err instanceof HostileError || this.name.endsWith('a revoked proxy')) return;
    if (!isCoded(err)) this.violation(`threw ${describe(err)}`);
    if (takes !== true) return;
    if (ofArguments.test(err.code)) this.violation(`refused a valid argument: ${describe(err)}`);
    if (this.whenClosed?.noOps.has(member)) this.violation(`is no no-op: ${describe(err)}`);
  }

  /** Keeps or closes the sockets that a call returned. */
  keep(member, result) {
    const { object, results } = this.target;
    if (member === 'createReuseportFd') object.closeFd(result);
    else if (member === 'toDuplex') result.destroy();
    else results.push(...[].concat(result).filter((one) => one?.close && one !== object));
  }
}

/** Runs all calls of a subject and prints violations. Writes the name of each call to the file `progress`. */
async function attack(subject, progress) {
  const file = fs.openSync(progress, 'w');
  const note = (name) => fs.writeSync(file, `${name.padEnd(120)}\n`, 0);
  await once(net.createServer().listen(0).close(), 'close'); // libuv opens a spare descriptor with the first server
  const before = openFds();
  const attacker = new Attack(subject, note);
  process.on('uncaughtException', (err) => attacker.judgeUncaught(err));
  const violations = await attacker.run();
  for (let i = 0; i < 100 && (i < 10 || openFds() > before); i++) await turns(1);
  const lost = openFds() - before;
  if (lost > 0)
    violations.push(`${lost} descriptors lost, perhaps in ${attacker.suspects.join('; ') || 'calls that returned'}`);
  fs.closeSync(file);
  if (violations.length === 0) return;
  process.exitCode = 1;
  console.error(`${violations.length} violations:\n${violations.slice(0, 40).join('\n')}`);
}

module.exports = { Attack, attack };
