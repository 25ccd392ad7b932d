'use strict';
const fs = require('fs');

/** Monotonic clock in nanoseconds, the same in all processes of the machine. */
function now() {
  const t = process.hrtime();
  return t[0] * 1e9 + t[1];
}

/** CPU time of all threads of this process, in microseconds. */
function cpu() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function statusBytes(field) {
  const line = fs.readFileSync('/proc/self/status', 'utf8').match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'));
  return line ? Number(line[1]) * 1024 : process.memoryUsage().rss;
}
const peakRss = () => statusBytes('VmHWM');
const rss = () => statusBytes('VmRSS');

/**
 * Counts events and measures the window that starts `warmup` ms after the first event and lasts `duration` ms, or `count` events if `count`
 * is set. Each end has its own meter, so the two ends need no synchronisation.
 */
class Meter {
  constructor({ warmup, duration, count = Infinity }) {
    this.warmup = warmup * 1e6;
    this.duration = duration * 1e6;
    this.limit = count;
    this.count = 0;
    this.began = 0;
    this.from = null;
    this.to = null;
  }

  /** Counts one event. Reads the clock at every 64th. Returns false once the window has ended. */
  tick() {
    this.count += 1;
    if ((this.count & 63) === 1 || this.count >= this.limit) this.look();
    return this.to === null;
  }

  /** Ends the window, so that senders stop. */
  get over() {
    return this.to !== null;
  }

  snapshot() {
    return { at: now(), cpu: cpu(), count: this.count };
  }

  look() {
    if (this.to !== null) return;
    const at = now();
    if (this.began === 0) this.began = at;
    if (this.from === null) {
      if (at - this.began >= this.warmup) this.from = this.snapshot();
    } else if (at - this.from.at >= this.duration || this.count >= this.limit) {
      this.to = this.snapshot();
    }
  }

  /** Returns the figures of the window. If the window has not ended, it ends now. */
  report() {
    const from = this.from || this.snapshot();
    const to = this.to || this.snapshot();
    return {
      count: to.count - from.count,
      seconds: (to.at - from.at) / 1e9,
      cpu: to.cpu - from.cpu,
      peakRss: peakRss(),
      total: this.count,
    };
  }
}

module.exports = { Meter, now, cpu, rss, peakRss };
