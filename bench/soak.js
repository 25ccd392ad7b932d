'use strict';
// npm run soak -- [--minutes N | --hours N | --seconds N] [--connections N] [--out NAME]
// Mixed traffic between two processes for a long time. It fails if the counts of messages, datagrams, connections, descriptors and replies of
// the two ends differ, or if the memory or the number of descriptors of a process grows. The size of V8's young generation is fixed, because
// it would double at some point.
const fs = require('fs');
const path = require('path');
const { parseArgs } = require('util');
const contestants = require('./contestants');
const { Bench } = require('./lib/pair');
const { soakPlot } = require('./plots');
const { median } = require('./lib/stats');

const text = { type: 'string' };
const { values } = parseArgs({ options: { minutes: text, hours: text, seconds: text, connections: text, out: text } });
const seconds =
  Number(values.seconds || 0) + 60 * Number(values.minutes || 0) + 3600 * Number(values.hours || 0) || 600;
const connections = Number(values.connections || 100);
const SAMPLES = 300;
// Allowed growth of the median of the last fifth of the samples over that of the second fifth.
const GROWTH = { share: 0.1, rss: 8e6, fds: 2 };

function sample({ child: { pid } }) {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  const rss = Number(status.match(/^VmRSS:\s+(\d+)/m)[1]) * 1024;
  return { rss, fds: fs.readdirSync(`/proc/${pid}/fd`).length };
}

/** Samples both processes at intervals and prints a line of progress. */
function watch(peers, began) {
  const samples = [];
  const timer = setInterval(
    () => {
      const at = (Date.now() - began) / 1000;
      const seen = { at, ...Object.fromEntries(peers.map((peer) => [peer.name, sample(peer)])) };
      samples.push(seen);
      const figures = peers.map(({ name }) => `${name} ${(seen[name].rss / 1e6).toFixed(0)} MB, ${seen[name].fds} fds`);
      console.log(`[${at.toFixed(0).padStart(5)} s of ${seconds}] ${figures.join(' · ')}`);
    },
    Math.max(1000, (seconds * 1000) / SAMPLES),
  );
  return { samples, stop: () => clearInterval(timer) };
}

/** Returns a fault if one figure of one process has grown. */
function growth(samples) {
  const part = (from, to) => samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to));
  const faults = [];
  for (const name of ['receiver', 'sender']) {
    for (const figure of ['rss', 'fds']) {
      const [before, after] = [part(0.2, 0.4), part(0.8, 1)].map((list) =>
        median(list.map((each) => each[name][figure])),
      );
      const allowed = before + Math.max(GROWTH[figure], figure === 'rss' ? before * GROWTH.share : 0);
      console.log(`${name} ${figure}: ${before} -> ${after}`);
      if (after > allowed) faults.push(`${figure} of the ${name} grew from ${before} to ${after}`);
    }
  }
  return faults;
}

function disagreements(sent, received) {
  const faults = ['messages', 'datagrams', 'connections', 'descriptors']
    .filter((kind) => sent[kind] !== received[kind])
    .map((kind) => `${kind}: ${sent[kind]} sent, ${received[kind]} received`);
  if (sent.replies !== received.replies || sent.replies !== sent.owed) {
    faults.push(`replies: ${sent.owed} owed, ${received.replies} sent, ${sent.replies} received`);
  }
  if (received.wrong || sent.errors)
    faults.push(`${received.wrong} messages damaged or out of turn, ${sent.errors} errors`);
  return faults;
}

async function main() {
  const bench = new Bench('soak', contestants.ours, {
    duration: seconds * 1000,
    connections,
    nodeArgs: ['--expose-gc', '--min-semi-space-size=4', '--max-semi-space-size=4'],
  });
  try {
    const peers = [await bench.start('receiver'), await bench.start('sender')];
    const began = Date.now();
    bench.go();
    const watched = watch(peers, began);
    const overdue = setTimeout(() => bench.stop(), seconds * 1000 + 60000); // both processes then fail with a report
    const [received, sent] = await bench.reports().finally(watched.stop);
    clearTimeout(overdue);
    const took = (Date.now() - began) / 1000;
    console.log(`sent     ${JSON.stringify(sent)}\nreceived ${JSON.stringify(received)}`);
    const perSecond = (kind) => `${Math.round(sent[kind] / took)} ${kind}/s`;
    console.log(['messages', 'datagrams', 'connections', 'descriptors', 'replies'].map(perSecond).join(', '));
    const faults = [...disagreements(sent, received), ...growth(watched.samples)];
    const file = path.join(__dirname, 'results', `${values.out || 'latest-soak'}.json`);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(
      file,
      `${JSON.stringify({ seconds, connections, sent, received, faults, samples: watched.samples })}\n`,
    );
    fs.writeFileSync(file.replace(/json$/, 'svg'), await soakPlot(watched.samples));
    for (const fault of faults) console.log(`FAULT ${fault}`);
    console.log(
      faults.length === 0
        ? `soak of ${seconds} s: everything arrived, nothing grew`
        : `soak of ${seconds} s: ${faults.length} faults`,
    );
    process.exitCode = faults.length === 0 ? 0 : 1;
  } finally {
    await bench.end();
  }
}

main().catch((err) => {
  console.error(err);
  process.exit(1);
});
