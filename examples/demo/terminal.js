'use strict';

/** Output of the demo: text, and a progress line that is rewritten on a terminal; otherwise a new line is printed every second. */

const out = process.stdout;
const number = (value) => Math.round(value).toLocaleString('en-US');
const rate = (count, ms) => number((count * 1000) / Math.max(ms, 1));

function title(order, text, ...details) {
  out.write(`\n${order}  ${text}\n`);
  for (const detail of details) line(detail);
}

function line(text) {
  out.write(`   ${text}\n`);
}

class Progress {
  constructor(total, what) {
    this.total = total;
    this.what = what;
    this.done = 0;
    this.timer = setInterval(() => this.show(), out.isTTY ? 100 : 1000);
  }

  add(count) {
    this.done += count;
  }

  show() {
    const text = `${number(this.done)} of ${number(this.total)} ${this.what}`;
    if (out.isTTY) out.write(`\r\x1b[K   ${text}`);
    else line(text);
  }

  end() {
    clearInterval(this.timer);
    if (out.isTTY) out.write('\r\x1b[K');
  }
}

/** Prints a bar for each [label, count] pair. */
function bars(pairs) {
  const most = Math.max(...pairs.map(([, count]) => count));
  for (const [label, count] of pairs) {
    const bar = '='.repeat(Math.round((40 * count) / most));
    line(`${label.padEnd(12)} ${bar.padEnd(40)} ${number(count).padStart(4)}`);
  }
}

module.exports = { title, line, bars, number, rate, Progress };
