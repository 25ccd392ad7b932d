'use strict';
const fs = require('fs');

/** Monotonic nanoseconds; the clock is the same one in every process of the machine. */
function now() {
  const t = process.hrtime();
  return t[0] * 1e9 + t[1];
}

/** CPU microseconds of this process, all threads. */
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
 * Counts events and measures the window that starts `warmup` ms after the first of them and lasts `duration` ms (or, with `count`,
 * `count` events). Each end of a pair has its own, so nothing needs to be synchronised to the microsecond.
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

  /** One more event. The clock is read at every 64th. False once the window is over. */
  tick() {
    this.count += 1;
    if ((this.count & 63) === 1 || this.count >= this.limit) this.look();
    return this.to === null;
  }

  /** The window is over: senders stop. */
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

  /** Figures of the window; one that the traffic did not fill ends now. */
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
