'use strict';

/**
 * Messages of `size` bytes that cost nothing to create. Message i is a view of the bytes i, i + 1, ... (mod 256), so its first and last byte
 * show whether it is complete and in order.
 */
function messages(size) {
  const bytes = Buffer.allocUnsafeSlow(size + 256);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = i;
  const views = Array.from({ length: 256 }, (_, i) => bytes.subarray(i, i + size));
  let turn = 0;
  return () => views[turn++ & 255];
}

/** Checks received messages: `bad` counts those of another length or content, `gaps` those out of order. */
class Checker {
  constructor(size) {
    this.size = size;
    this.turn = 0;
    this.bad = 0;
    this.gaps = 0;
  }

  check(message) {
    const first = message[0];
    if (message.length !== this.size || message[this.size - 1] !== ((first + this.size - 1) & 255)) this.bad += 1;
    if (first !== this.turn) this.gaps += 1;
    this.turn = (first + 1) & 255;
  }
}

/**
 * Senders. `send(message, callback)` returns false if the sender has to wait for 'drain'. `meter` counts sent messages and ends the window.
 * `done` is called when no message is in flight any more.
 */
class Sender {
  constructor({ send, next, meter, done }) {
    Object.assign(this, { send, next, meter, done });
    this.errors = 0;
    this.ended = false;
  }

  /** Keeps `window` messages in flight: each callback sends one more. Does not recurse if a callback runs before send() returns. */
  callbacks(window) {
    const { send, next, meter } = this;
    let inFlight = 0;
    let pumping = false;
    const sent = (err) => {
      if (err) this.errors += 1;
      inFlight -= 1;
      meter.tick();
      pump();
    };
    const pump = () => {
      if (pumping) return;
      pumping = true;
      while (inFlight < window && !meter.over && meter.count + inFlight < meter.limit) {
        inFlight += 1;
        send(next(), sent);
      }
      pumping = false;
      if (inFlight === 0 && this.done) {
        const { done } = this;
        this.done = null;
        done();
      }
    };
    pump();
  }

  /** Sends without callbacks until send() returns false. The caller calls the returned function on each 'drain'. */
  drain() {
    const { send, next, meter } = this;
    const fill = () => {
      let more = !this.ended;
      while (more) {
        if (!meter.tick()) return this.last();
        more = send(next());
      }
    };
    fill();
    return fill;
  }

  /** The same, in bursts of 64 between cork() and uncork(). */
  cork(socket) {
    const { send, next, meter } = this;
    const fill = () => {
      let more = !this.ended;
      while (more) {
        socket.cork();
        for (let i = 0; i < 64 && more; i += 1) {
          if (!meter.tick()) {
            this.last();
            socket.uncork();
            return;
          }
          more = send(next());
        }
        socket.uncork();
      }
    };
    fill();
    return fill;
  }

  /** Sends the last message, which the meter has already counted. When its callback runs, all messages are sent. */
  last() {
    this.ended = true;
    this.send(this.next(), (err) => {
      if (err) this.errors += 1;
      this.done();
    });
  }
}

/** Calls `then` when count() has reached `wanted` or has not changed for `quiet` ms. */
function arrived(count, wanted, quiet, then) {
  let last = -1;
  let since = Date.now();
  const look = () => {
    const seen = count();
    if (seen !== last) since = Date.now();
    last = seen;
    if (seen >= wanted || Date.now() - since > quiet) then();
    else setTimeout(look, 20);
  };
  look();
}

/** After the sender has reported how many messages it sent, waits for them and reports how many are missing. */
function finish(control, { meter, bad, gaps, lossy }) {
  control.onTold((sent) => {
    const report = () => {
      control.report({ ...meter.report(), sent, lost: sent - meter.count, bad: bad(), gaps: gaps() });
    };
    arrived(() => meter.count, sent, lossy ? 200 : 2000, report);
  });
}

module.exports = { messages, Checker, Sender, arrived, finish };
