'use strict';
// Runs one random sequence: opens the links, performs the operations, waits until all is quiet, checks the accounts.

const fs = require('node:fs');
const { lib } = require('../helpers/lib');
const { openFds } = require('../helpers');
const { End } = require('./end');
const { OPS } = require('./ops');
const { sequence } = require('./sequences');
const { check } = require('./route');

/** The time limit for messages, callbacks and events in milliseconds. Each step of shrinking may take that long. */
const SETTLE = 1000;
/** The number of bound sockets of a link, of which each can send to each. */
const NAMED = 3;
let names = 0;

const turn = () => new Promise(setImmediate);

class World {
  constructor() {
    this.ends = [];
    this.routes = [];
    this.servers = [];
    /** For each server whose loop has ended, a function that lets it accept the connections that wait. */
    this.notAccepting = [];
    this.name = `\0nus-property-${process.pid}-${++names}`;
    this.spareFd = fs.openSync('/dev/null', 'r');
    /** The first violation, stored because an exception in a callback would only reach 'uncaughtException'. */
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

  /** Returns the options of a socket and the properties of its end. */
  given({ signal, ...options }, about) {
    if (signal === undefined) return [options, { ...about, readSize: options.readBufferSize }];
    const controller = new AbortController();
    if (signal === 'aborted') controller.abort();
    return [
      { ...options, signal: controller.signal },
      { ...about, readSize: options.readBufferSize, signals: [controller] },
    ];
  }

  add(socket, about) {
    const end = new End(this, socket, about);
    this.ends.push(end);
    // A signal that is aborted already closes the socket.
    end.aborted = end.closedByUs = end.signals.some(({ signal }) => signal.aborted);
    return end;
  }

  join(a, b) {
    a.connectedTo(b);
    b.connectedTo(a);
  }

  open(link) {
    if (link.kind === 'named') this.openNamed(link);
    else if (link.kind === 'server') this.openServer(link);
    else {
      const [options, about] = this.given(link.options, { dgram: link.kind === 'dgram' });
      const [a, b] = lib.createSocketPair(link.kind, options).map((socket) => this.add(socket, about));
      this.join(a, b);
    }
  }

  openNamed({ options, other }) {
    const first = this.ends.length;
    for (let i = 0; i < NAMED; i++) {
      const path = `${this.name}-${first + i}`;
      const drawn = i === 0 ? options : other;
      // A message must contain its route.
      const readBufferSize = Math.max(16, drawn.readBufferSize || 4096);
      const [given, about] = this.given({ ...drawn, readBufferSize }, { dgram: true, path });
      const end = this.add(new lib.DgramSocket(given), about);
      end.first = first;
      end.socket.bind(path);
    }
  }

  openServer({ options, other, accept }) {
    const path = `${this.name}-server-${this.servers.length}`;
    const server = new lib.SeqpacketServer();
    this.servers.push(server);
    const [{ signal, ...socket }, ofServer] = this.given(other, { dgram: false });
    server.on('error', (err) => this.guard(() => check(err.name === 'AbortError', `the server: ${err.stack}`)));
    server.listen({ path, socket, signal });
    // The kernel accepts connections in this order.
    const clients = [options, { ...options, signal: undefined }].map((each) => this.openClient(each, path));
    const onConnection = (accepted) =>
      this.guard(() => this.join(clients.shift(), this.add(accepted, { ...ofServer, signals: [] })));
    if (accept === 'listener') server.on('connection', onConnection);
    else this.accept(server, onConnection, accept === 'one');
  }

  openClient(options, path) {
    const [given, about] = this.given(options, { dgram: false });
    const client = this.add(new lib.SeqpacketSocket(given), about);
    const connecting = new AbortController();
    client.socket.connect({ path, signal: connecting.signal });
    client.signals = [...client.signals, connecting];
    return client;
  }

  async accept(server, onConnection, one) {
    try {
      for await (const socket of server) {
        onConnection(socket);
        if (one) break;
        await turn(); // another connection may arrive meanwhile
      }
    } catch (err) {
      this.guard(() => check(err.name === 'AbortError', `a loop over a server threw ${err.stack}`));
    }
    if (one) this.notAccepting.push(() => server.on('connection', onConnection));
  }

  /** The bound sockets to which this one can send, including itself. */
  neighbours(end) {
    return end.tagged ? this.ends.slice(end.first, end.first + NAMED) : [];
  }

  /** The path of a bound socket, undefined for the connected peer. */
  pathOf(end, to) {
    const neighbour = this.neighbours(end)[to];
    return neighbour?.path;
  }

  /** Performs an operation, or stores it for a callback. */
  perform(step) {
    const end = this.ends[step.end % this.ends.length];
    if (step.inside) end.hooks[step.inside].push({ ...step, inside: undefined });
    else OPS[step.op](end, step);
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
    for (const end of this.ends) end.accounts();
  }

  /** Resumes all ends and servers, and waits until nothing more is expected. */
  async settle() {
    const until = Date.now() + SETTLE;
    for (let quiet = 0; quiet < 2; ) {
      for (const acceptAgain of this.notAccepting.splice(0)) acceptAgain();
      for (const end of this.ends) {
        end.clearHooks();
        end.readOn();
      }
      await turn();
      if (this.failure) return;
      quiet = this.ends.every((end) => end.settledDown() && end.missing().length === 0) ? quiet + 1 : 0;
      if (Date.now() > until) throw new Error(`did not settle: ${this.ends.map(String).join('; ')}`);
    }
  }

  async closeAll() {
    for (const { socket } of this.ends) socket.close();
    for (const server of this.servers) server.close();
    await turn();
    // A connection that was accepted last.
    for (const end of this.ends) {
      end.socket.close();
      end.readOn();
    }
    for (let i = 0; i < 3; i++) await turn();
    fs.closeSync(this.spareFd);
  }
}

/** Runs one sequence. Rejects with the first violation. */
async function runSequence(drawn) {
  const before = openFds();
  await new World().run(drawn);
  let after = openFds();
  for (let i = 0; i < 100 && after > before; i++) {
    await turn();
    after = openFds();
  }
  check(after <= before, `${after - before} descriptors leaked`);
}

module.exports = { arbitrary: sequence, run: runSequence };
