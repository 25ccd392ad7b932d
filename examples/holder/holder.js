'use strict';

/**
 * Keeps a listening seqpacket socket while the worker process that serves it is replaced or crashes. This process has no listener for
 * 'connection', so it accepts nothing: connections wait in the backlog of the socket, and the next worker accepts them.
 */

const { fork } = require('child_process');
const { once } = require('events');
const { SeqpacketServer } = require('../..'); // in your program: require('node-unix-socket')

class Holder {
  /** @param {{ script: string, path: string, mode?: number }} options of the worker and of its socket */
  constructor({ script, path, mode = 0o600 }) {
    this.script = script;
    this.server = new SeqpacketServer();
    this.server.listen({ path, mode, unlinkStale: true, unlinkOnClose: true });
    /** @type {import('child_process').ChildProcess | undefined} */
    this.worker = undefined;
  }

  /** Starts a worker, which inherits the socket as descriptor 4. Resolves when it accepts connections. */
  start() {
    const worker = fork(this.script, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc', this.server.fd] });
    return new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', () => {
        this.worker = worker;
        resolve(worker);
      });
      worker.once('exit', (code, signal) => {
        if (this.worker === worker)
          this.start(); // it crashed
        else reject(new Error(`a worker exited with ${signal || code} before it accepted connections`));
      });
    });
  }

  /** Replaces the worker. Both accept from the same backlog until the old one stops. */
  async reload() {
    const old = this.worker;
    this.worker = undefined; // its exit is expected from here on
    try {
      await this.start();
    } catch (err) {
      this.worker = old; // the new version does not start: keep the old one
      throw err;
    }
    await stop(old);
  }

  /** Stops the worker, then closes the socket and removes its file. */
  async close() {
    const { worker } = this;
    this.worker = undefined;
    await stop(worker);
    this.server.close();
  }
}

/** Resolves when the worker has ended its connections and has exited. */
async function stop(worker) {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  worker.send('stop');
  await once(worker, 'exit');
}

module.exports = { Holder };
