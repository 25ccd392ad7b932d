'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const readLines = require('./lines');

const peerScript = path.join(__dirname, 'peer.js');

/** A process that exchanges the lines of peer.js. `failed` is rejected if it cannot start, exits early or reports an error. */
class Peer {
  constructor(name, [command, ...args]) {
    this.name = name;
    this.reported = false;
    this.child = spawn(command, args, { stdio: 'pipe', detached: true }); // a process group, for its tools and workers
    this.ready = new Promise((resolve) => (this.onReady = resolve));
    this.report = new Promise((resolve) => (this.onReport = resolve));
    this.onTell = () => {};
    this.failed = new Promise((_, reject) => {
      let stderr = '';
      this.child.stderr.setEncoding('utf8').on('data', (text) => (stderr = (stderr + text).slice(-4000)));
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        if (!this.reported) reject(new Error(`${name} ended with ${signal || `code ${code}`}${reason(stderr)}`));
      });
    });
    this.failed.catch(() => {});
    this.exited = new Promise((resolve) => this.child.on('close', resolve));
    this.child.stdin.on('error', () => {}); // the process has exited; 'close' is emitted
    readLines(this.child.stdout, (line) => this.hear(line));
  }

  hear(line) {
    if (line === 'ready') this.onReady();
    else if (line.startsWith('tell ')) this.onTell(line.slice(5));
    else if (line.startsWith('report ')) {
      this.reported = true;
      this.onReport(JSON.parse(line.slice(7)));
    }
  }

  say(line) {
    this.child.stdin.write(`${line}\n`);
  }

  signal(name) {
    try {
      process.kill(-this.child.pid, name);
    } catch (err) {
      if (err.code !== 'ESRCH') throw err;
    }
  }

  async end() {
    this.signal('SIGKILL');
    await this.exited;
  }
}

/** The line of the output of a crash that contains the reason. */
function reason(stderr) {
  const line = stderr.split('\n').find((text) => /error|panic|abort|assert|fatal/i.test(text));
  return line ? `: ${line.trim().slice(0, 160)}` : '';
}

/** Resources of one measurement of one contestant: processes that end with it, a directory and a deadline. */
class Bench {
  constructor(row, contestant, params) {
    Object.assign(this, { row, contestant, wrap: {} });
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
    this.params = { ...params, path: path.join(this.dir, 's') };
    this.peers = [];
    this.runs = 0;
  }

  /** Starts a further run of one measurement: ends the processes and chooses an unused path. */
  async again(params, wrap) {
    await this.stop();
    this.runs += 1;
    this.params = { ...this.params, ...params, path: path.join(this.dir, `s${this.runs}`) };
    this.wrap = wrap;
  }

  command(role, params) {
    if (this.contestant.native) return this.contestant.native(this.row, role, params);
    const node = params.node || process.execPath;
    return [node, ...(params.nodeArgs || []), peerScript, this.row, role, this.contestant.id, JSON.stringify(params)];
  }

  /** Starts one process. Its `tell` lines are passed on to all other processes. */
  async start(role, extra = {}, command = this.command(role, { ...this.params, ...extra })) {
    const peer = new Peer(role, [...(this.wrap[role] || []), ...command]);
    peer.onTell = (value) => {
      for (const other of this.peers) if (other !== peer) other.say(`told ${value}`);
    };
    this.peers.push(peer);
    await this.wait(peer.ready);
    return peer;
  }

  /** Resolves like `promise`; rejects if a process fails first. */
  wait(promise) {
    return Promise.race([promise, ...this.peers.map((peer) => peer.failed)]);
  }

  go() {
    for (const peer of this.peers) peer.say('go');
  }

  async reports() {
    return this.wait(Promise.all(this.peers.map((peer) => peer.report)));
  }

  async stop() {
    await Promise.all(this.peers.map((peer) => peer.end()));
    this.peers = [];
  }

  async end() {
    await this.stop();
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

/** The usual measurement: starts a receiver and a sender together. The sender continues until the window of the receiver has ended. */
async function pair(bench) {
  await bench.start('receiver');
  await bench.start('sender', { duration: bench.params.duration + 100 });
  bench.go();
  const [receiver, sender] = await bench.reports();
  return { receiver, sender };
}

/** Runs `row.measure`, or the usual measurement, for one contestant. A failure is returned as a result and does not end the run. */
async function measure(row, contestant, params) {
  const bench = new Bench(row.plays || row.name, contestant, params);
  const limit = (params.warmup || 0) + (params.duration || 0) + (params.grace || 5000);
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`hung: no result after ${limit} ms`)), limit);
  });
  try {
    const raw = await Promise.race([(row.measure || pair)(bench), late]);
    return row.figures(raw, contestant, params);
  } catch (err) {
    return { error: err.message };
  } finally {
    clearTimeout(timer);
    await bench.end();
  }
}

module.exports = { measure, pair, Bench };
