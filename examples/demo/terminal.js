'use strict';

/** Output of the demo: text, and progress in one line that is rewritten on a terminal; otherwise a line is printed every second. */

const out = process.stdout;
const number = (value) => Math.round(value).toLocaleString('en-US');
const rate = (count, ms) => number((count * 1000) / Math.max(ms, 1));

function line(text) {
  out.write(`   ${text}\n`);
}

/** Calls `body` with a function that counts what is done; shows the count until the promise of `body` is settled. */
async function withProgress(total, what, body) {
  let done = 0;
  const show = () => {
    const text = `${number(done)} of ${number(total)} ${what}`;
    if (out.isTTY) out.write(`\r\x1b[K   ${text}`);
    else line(text);
  };
  const timer = setInterval(show, out.isTTY ? 100 : 1000);
  try {
    return await body((count) => {
      done += count;
    });
  } finally {
    clearInterval(timer);
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

module.exports = { line, bars, number, rate, withProgress };
