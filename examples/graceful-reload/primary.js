'use strict';

/**
 * Keeps one listening socket for each worker process and replaces the workers under load. A worker inherits its socket as
 * descriptor 4. This process never closes the socket, so the connections queued on it outlive the worker.
 */

const { fork } = require('child_process');
const { once } = require('events');
const { closeFd, createReuseportFd } = require('../..'); // in your program: require('node-unix-socket')

class Primary {
  /** @param {{ script: string, workers: number, port?: number, host?: string }} options */
  constructor({ script, workers, port = 0, host = '0.0.0.0' }) {
    Object.assign(this, { script, workers, port, host });
    /** @type {Array<{ fd: number, worker?: import('child_process').ChildProcess }>} */
    this.slots = [];
  }

  /** Resolves when every worker accepts connections. */
  async start() {
    while (this.slots.length < this.workers) {
      const slot = { fd: createReuseportFd(this.port, this.host), worker: undefined };
      this.slots.push(slot);
      this.port = await this.startWorker(slot); // if it was 0, the kernel has picked a port
    }
  }

  /** Starts a worker on the socket of the slot. Resolves to the port when the worker accepts connections. */
  startWorker(slot) {
    const worker = fork(this.script, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc', slot.fd] });
    return new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', ({ port }) => {
        slot.worker = worker;
        resolve(port);
      });
      worker.once('exit', (code, signal) => {
        if (slot.worker === worker)
          this.startWorker(slot); // it crashed: the next worker accepts what is queued
        else reject(new Error(`a worker exited with ${signal || code} before it accepted connections`));
      });
    });
  }

  /** Replaces the workers one by one. The old and the new worker accept from the same queue until the old one stops. */
  async reload() {
    for (const slot of this.slots) {
      const old = slot.worker;
      slot.worker = undefined; // its exit is expected from here on
      try {
        await this.startWorker(slot);
      } catch (err) {
        slot.worker = old; // the new version does not start: keep the old one
        throw err;
      }
      await stop(old);
    }
  }

  /** Stops all workers, then closes the sockets. The kernel resets the connections that are still queued. */
  async close() {
    const slots = this.slots.splice(0);
    const workers = slots.map(({ worker }) => worker);
    for (const slot of slots) slot.worker = undefined;
    await Promise.all(workers.map(stop));
    for (const { fd } of slots) closeFd(fd);
  }
}

/** Resolves when the worker has answered the requests it accepted, and has exited. */
async function stop(worker) {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  worker.send('stop');
  await once(worker, 'exit');
}

module.exports = { Primary };
