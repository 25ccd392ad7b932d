'use strict';

/**
 * Messages of `size` bytes without the cost of making them: message i is a view that starts with byte i, then i + 1, ... (mod 256), so a
 * receiver sees by its first and last byte whether a message is whole and in its turn.
 */
function messages(size) {
  const bytes = Buffer.allocUnsafeSlow(size + 256);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = i;
  const views = Array.from({ length: 256 }, (_, i) => bytes.subarray(i, i + size));
  let turn = 0;
  return () => views[turn++ & 255];
}

/** Checks what arrives: `bad` counts messages of another length or content, `gaps` those out of turn. */
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
 * Senders. `send(message, callback)` returns false when it wants 'drain' to be waited for; `meter` counts what was handed over and says when
 * to stop; `done` is called when nothing is in flight any more.
 */
class Sender {
  constructor({ send, next, meter, done }) {
    Object.assign(this, { send, next, meter, done });
    this.errors = 0;
    this.ended = false;
  }

  /** `window` messages in flight: each callback makes room for one more. Not recursive where callbacks come before send() returns. */
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

  /** As fast as the socket takes them, without callbacks. The caller hands each 'drain' to the function returned. */
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

  /** The same in bursts of 64 between cork() and uncork(). */
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

  /** The message that ends the run, already counted by the tick that ended it: when it is sent, all are. */
  last() {
    this.ended = true;
    this.send(this.next(), (err) => {
      if (err) this.errors += 1;
      this.done();
    });
  }
}

/** Calls `then` when count() has reached `wanted`, or has not grown for `quiet` ms. */
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

/** Once the sender has told how many it sent, waits for them and reports what is missing. */
function finish(control, { meter, bad, gaps, lossy }) {
  control.onTold((sent) => {
    const report = () => {
      control.report({ ...meter.report(), sent, lost: sent - meter.count, bad: bad(), gaps: gaps() });
    };
    arrived(() => meter.count, sent, lossy ? 200 : 2000, report);
  });
}

module.exports = { messages, Checker, Sender, arrived, finish };
