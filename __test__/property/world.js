'use strict';
// Interprets one random sequence: opens the links, performs the operations, then lets all settle and asks for the accounts.

const fs = require('node:fs');
const { lib } = require('../helpers/lib');
const { openFds } = require('../helpers');
const { End, check } = require('./end');
const { hostile } = require('./hostile');

/** Milliseconds in which everything must have come; shrinking waits that long for each try. */
const SETTLE = 1000;
let names = 0;

const turn = () => new Promise(setImmediate);

class World {
  constructor() {
    this.ends = [];
    this.servers = [];
    this.spareFd = fs.openSync('/dev/null', 'r');
    /** The first violation: callbacks run inside the library, a throw there would only reach 'uncaughtException'. */
    this.failure = undefined;
    this.thrown = 0;
  }

  guard(body) {
    try {
      body();
    } catch (err) {
      if (err.planned) throw err;
      this.failure = this.failure || err;
    }
  }

  add(socket, dgram, destination) {
    const end = new End(this, this.ends.length, socket, dgram, destination);
    this.ends.push(end);
    return end;
  }

  join(a, b) {
    a.peer = b;
    b.peer = a;
  }

  open({ kind, options, other }) {
    const name = () => `\0nus-property-${process.pid}-${++names}`;
    if (kind === 'seqpacket' || kind === 'dgram') {
      const [a, b] = lib.createSocketPair(kind, options).map((socket) => this.add(socket, kind === 'dgram'));
      return this.join(a, b);
    }
    if (kind === 'named') {
      const paths = [name(), name()];
      const sockets = [options, other].map((given) => new lib.DgramSocket(given));
      sockets.forEach((socket, i) => {
        socket.bind(paths[i]);
      });
      return this.join(this.add(sockets[0], true, paths[1]), this.add(sockets[1], true, paths[0]));
    }
    const server = new lib.SeqpacketServer();
    this.servers.push(server);
    const path = name();
    server.listen({ path, socket: other });
    const client = new lib.SeqpacketSocket(options);
    const a = this.add(client, false);
    server.on('connection', (socket) => this.guard(() => this.join(a, this.add(socket, false))));
    client.connect(path);
    return undefined;
  }

  /** One operation; what the library may throw at it is looked at where it is thrown. */
  perform(step) {
    const end = this.ends[step.end % this.ends.length];
    const { socket } = end;
    if (step.inside) {
      end.hooks[step.inside].push({ ...step, inside: undefined });
      return;
    }
    const { op } = step;
    if (op === 'send') end.send(step);
    else if (op === 'burst') for (let i = 0; i < step.count; i++) end.send(step);
    else if (op === 'close') {
      end.closedByUs = true;
      socket.close();
    } else if (op === 'destroy') {
      end.closedByUs = true;
      if (end.dgram) socket.close();
      else socket.destroy(step.size % 2 ? Object.assign(new Error('planned'), { code: 'PLANNED' }) : undefined);
    } else if (op === 'end') {
      if (!end.dgram) socket.end();
    } else if (op === 'cork' || op === 'uncork') {
      if (!socket.closed) socket[op]();
    } else if (op === 'listen') end.listen();
    else if (op === 'unlisten') end.unlisten();
    else if (op === 'hostile') hostile(end, step.size);
    else if (op === 'server')
      this.servers.forEach((server) => {
        server.close();
      });
    else if (op === 'throw') {
      this.thrown++;
      throw Object.assign(new Error('planned'), { planned: true });
    } else socket[op]();
  }

  async run({ links, steps }) {
    const onUncaught = (err) => {
      if (err.planned) this.thrown--;
      else this.failure = this.failure || err;
    };
    process.on('uncaughtException', onUncaught);
    try {
      for (const link of links) this.open(link);
      for (const step of steps) {
        if (step.op === 'turn') await turn();
        else if (step.op === 'throw') this.perform({ ...step, inside: step.inside || 'data' });
        else this.guard(() => this.perform(step));
        if (this.failure) break;
      }
      if (!this.failure) await this.settle();
    } finally {
      await this.closeAll();
      process.removeListener('uncaughtException', onUncaught);
    }
    if (this.failure) throw this.failure;
    check(this.thrown === 0, `${this.thrown} exceptions of callbacks never reached 'uncaughtException'`);
    this.accounts();
  }

  /** Everybody reads, until nothing more is to come. */
  async settle() {
    const until = Date.now() + SETTLE;
    for (let quiet = 0; quiet < 2; ) {
      for (const end of this.ends) {
        end.hooks = { data: [], cb: [], drain: [], end: [], close: [], error: [] };
        if (!end.socket.closed) {
          end.listen();
          end.socket.resume();
        }
      }
      await turn();
      if (this.failure) return;
      quiet = this.ends.every((end) => end.settledDown() && end.missing().length === 0) ? quiet + 1 : 0;
      if (Date.now() > until) throw new Error(`did not settle: ${this.describe()}`);
    }
  }

  describe() {
    return this.ends
      .map((end) => {
        const { socket, sent, next, closes, dgram } = end;
        const waiting = sent.filter((message) => message.cb === 'error' && message.called === 0).length;
        return `${dgram ? 'dgram' : 'seqpacket'} ${end.id}: ${sent.length} sent, ${waiting} callbacks to come, ${socket.writableLength} bytes queued, saw ${next} of its peer's, closed ${socket.closed}/${closes}, missing ${end.missing().length}`;
      })
      .join('; ');
  }

  async closeAll() {
    for (const { socket } of this.ends) socket.close();
    for (const server of this.servers) server.close();
    await turn();
    // The accepted end of a connection that came last.
    for (const { socket } of this.ends) socket.close();
    for (let i = 0; i < 3; i++) await turn();
    fs.closeSync(this.spareFd);
  }

  accounts() {
    for (const end of this.ends) {
      const { peer, sent } = end;
      check(end.closes === 1, `${end.closes} 'close' events of one socket`);
      for (const { cb, called, n } of sent) {
        if (cb === 'error') check(called === 1, `callback of message ${n} ran ${called} times`);
      }
      if (!peer || end.closedByUs || peer.closedByUs) continue;
      check(end.lost() <= end.errors, `${end.lost()} messages lost while both ends lived, ${end.errors} errors told`);
    }
  }
}

/** Runs one sequence; rejects with what it violated. */
async function runSequence(sequence) {
  const before = openFds();
  await new World().run(sequence);
  let after = openFds();
  for (let i = 0; i < 100 && after > before; i++) {
    await turn();
    after = openFds();
  }
  check(after <= before, `${after - before} descriptors leaked`);
}

module.exports = { runSequence };
