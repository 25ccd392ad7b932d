'use strict';
// Runs node-unix-socket/unix-dgram and unix-dgram through the same scenarios. The lines that each writes must be equal.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { deadline, runChild, tmp } = require('../../helpers');
const { DgramSocket } = require('../../helpers/lib').lib;
const { testsUnixDgram } = require('../../helpers/unix-dgram');

const file = path.join(__dirname, '..', '..', '..', 'js', 'compat', 'unix-dgram.js');
const ours = require(file);

const QUEUE_LENGTH = '/proc/sys/net/unix/max_dgram_qlen';
/** Datagrams that wait in the queue of a receiver that is full. */
const FULL = fs.existsSync(QUEUE_LENGTH) ? 1 + Number(fs.readFileSync(QUEUE_LENGTH, 'utf8')) : NaN;
const options = { timeout: deadline, skip: process.platform === 'linux' ? false : 'receivers are full as on Linux' };

const text = (err) => (err ? `${err.name}: ${err.message} | ${err.code} ${err.errno} ${err.syscall}` : 'sent');

/** One run of a scenario: its folder, its sockets, and the lines that it writes. */
class World {
  constructor(t, unix) {
    this.t = t;
    this.unix = unix;
    this.folder = tmp(t);
    this.lines = [];
  }

  log(line) {
    // The folder of each run has another name.
    this.lines.push(line.split(this.folder).join('FOLDER'));
  }

  path(name) {
    return path.join(this.folder, name);
  }

  /** Logs what `call` throws, or that it returned. */
  call(what, call) {
    this.log(`> ${what}`);
    try {
      this.log(`< ${what}: ${call()}`);
    } catch (err) {
      this.log(`< ${what} threw ${text(err)}`);
    }
  }

  callback(what) {
    return (...args) => this.log(`callback ${what} (${args.length}): ${text(args[0])}`);
  }

  open(name, listener) {
    const socket = this.unix.createSocket('unix_dgram', listener);
    this.t.after(() => {
      if (socket.fd >= 0) socket.close();
    });
    return Object.assign(socket, { label: name });
  }

  /** A socket that logs these events. */
  recorded(name, events = ['listening', 'connect', 'congestion', 'writable', 'error']) {
    const socket = this.open(name);
    const detail = { congestion: String, error: text };
    for (const event of events)
      socket.on(event, (value) => this.log(`${name} ${event} ${detail[event] ? detail[event](value) : ''}`));
    return socket;
  }

  connected(name, to, events) {
    const socket = this.recorded(name, events);
    socket.connect(to);
    return socket;
  }

  /** A receiver of this package, the same for both, that reads only when `take` is called. */
  receiver(name) {
    const socket = new DgramSocket({ paused: true });
    this.t.after(() => socket.close());
    socket.bind(this.path(name));
    return { socket, at: this.path(name), take: () => take(socket.fd) };
  }
}

/** Reads one message in the middle of a tick. */
function take(fd) {
  const memory = Buffer.alloc(300000);
  return String(memory.subarray(0, fs.readSync(fd, memory)));
}

/** A test for each scenario, a function of a World. */
function compareScenarios(scenarios) {
  for (const [name, scenario] of Object.entries(scenarios)) {
    testsUnixDgram(`${name}: as unix-dgram, line by line`, options, async (t, theirs) => {
      const run = async (unix) => {
        const world = new World(t, unix);
        await scenario(world);
        return world.lines;
      };
      const expected = await run(theirs);
      assert.deepEqual(await run(ours), expected);
    });
  }
}

/** A test for each program, a function of the module without closures. All that is visible of its process must be equal. */
function comparePrograms(programs) {
  for (const [name, program] of Object.entries(programs)) {
    testsUnixDgram(`${name}: as with unix-dgram`, options, async (t) => {
      const run = async (module) => {
        const source = `const program = ${program};\nprogram(require(args));`;
        const { code, signal, stdout, stderr } = await runChild(t, source, { args: module });
        return { code, signal, stdout: stdout.split('\n').sort(), stderr };
      };
      const expected = await run(require.resolve('unix-dgram'));
      assert.ok(expected.stdout.length > 1, 'the program wrote something');
      assert.deepEqual(await run(file), expected);
    });
  }
}

module.exports = { FULL, comparePrograms, compareScenarios, take };
