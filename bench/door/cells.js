'use strict';
// The cells of `npm run bench:door`: a library from npm, what its receiver does, and the unix-dgram that the library gets.

const { spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const readline = require('readline');
const { environment } = require('../../scripts/lib/npm-tools');
const root = require('../../scripts/lib/root');

const compat = (name) => path.join(root, 'js', 'compat', `${name}.js`);

/** What require('unix-dgram') gets. */
const contestants = {
  'unix-dgram': require.resolve('unix-dgram'),
  'this package': compat('unix-dgram'),
  'with a queue': compat('unix-dgram-queued'),
};

const SYSLOG = ['winston-syslog', 'bunyan-syslog-unixdgram', 'ain2'];
const both = (receiver, what, messages, paced) => [
  { library: 'hot-shots', receiver, what, messages, paced },
  ...SYSLOG.map((library) => ({ library, receiver, what, messages, paced })),
];

/** `messages` in one tick, or `paced` of them each 5 ms. */
const cells = [
  { library: 'hot-shots', receiver: 'quick', what: 'burst', messages: 5000, paced: 0 },
  ...SYSLOG.map((library) => ({ library, receiver: 'rsyslogd', what: 'burst, rsyslogd', messages: 5000, paced: 0 })),
  ...both('slow', 'slow receiver', 1000, 0),
  ...both('restart', 'restart', 2000, 20),
  ...both('replace', 'replaced at its path', 2000, 20),
  ...both('stuck', 'reads nothing', 1000, 0),
];

/** rsyslogd as it serves /dev/log. */
const configuration = (folder, at) => `
global(workDirectory="${folder}")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${at}" RateLimit.Interval="0")
template(name="line" type="string" string="%rawmsg%\\n")
action(type="omfile" file="${folder}/log" template="line")
`;

/** A child process whose output is read by lines. `line` rejects if it ends. */
function start(file, args) {
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', process.env.DEBUG_DOOR ? 'inherit' : 'ignore'],
    env: environment(),
  });
  const lines = [];
  const closed = once(child, 'close');
  closed.catch(() => {}); // without the program, `line` rejects, or `until` throws
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    child.emit('line');
  });
  child.stdin.on('error', () => {});
  async function line() {
    while (lines.length === 0) {
      const ended = await Promise.race([once(child, 'line').then(() => false), closed.then(() => true)]);
      if (ended && lines.length === 0) throw new Error(`${file} ${args.join(' ')} ended`);
    }
    return lines.shift();
  }
  return { line, closed, tell: (text) => child.stdin.write(`${text}\n`), kill: () => child.kill('SIGKILL') };
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(check) {
  for (const end = Date.now() + 20000; !check(); ) {
    if (Date.now() > end) throw new Error(`not true: ${check}`);
    await sleep(10);
  }
}

/** A receiver of bench/door/receiver.py, or rsyslogd. `finish` resolves to the numbers of the messages that arrived. */
async function startReceiver(mode, folder, at) {
  if (mode !== 'rsyslogd') {
    const receiver = start('python3', [path.join(__dirname, 'receiver.py'), at, mode]);
    await receiver.line();
    const finish = async () => {
      receiver.tell('end');
      return JSON.parse(await receiver.line());
    };
    return { finish, kill: receiver.kill };
  }
  const [conf, log] = [path.join(folder, 'conf'), path.join(folder, 'log')];
  fs.writeFileSync(conf, configuration(folder, at));
  const receiver = start('rsyslogd', ['-n', '-f', conf, '-i', path.join(folder, 'pid')]);
  await until(() => fs.existsSync(at));
  const finish = async () => {
    const size = () => (fs.existsSync(log) ? fs.statSync(log).size : 0);
    for (let before = -1; before !== size(); ) {
      before = size();
      await sleep(800);
    }
    return size() > 0 ? [...fs.readFileSync(log, 'latin1').matchAll(/seq_(\d+)_/g)].map(([, n]) => Number(n)) : [];
  };
  return { finish, kill: receiver.kill };
}

/**
 * Runs one cell with one unix-dgram. Resolves to what arrived: `arrived` messages, `twice` of them again, `lost`, whether they
 * were `ordered`; the program's `cpu` and the time of its `end` in milliseconds, and whether it `crashed`.
 */
async function run({ library, receiver: mode, messages, paced }, contestant) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nus-door-'));
  const at = path.join(folder, 's');
  const running = [];
  try {
    const receiver = await startReceiver(mode, folder, at);
    running.push(receiver);
    const args = [library, contestants[contestant], at, messages, paced].map(String);
    const program = start(process.execPath, [path.join(__dirname, 'program.js'), ...args]);
    running.push(program);
    await program.line();
    program.tell('go');
    // A program that ends by itself crashed.
    let crashed = false;
    const died = () => {
      crashed = true;
      return 'NaN';
    };
    let last = await program.line().catch(died);
    if (last !== 'sent') crashed = true;
    // The receiver that reads nothing reads once the program has ended.
    let numbers = mode === 'stuck' ? [] : await receiver.finish();
    const began = Date.now();
    program.tell('end');
    if (!crashed) last = await program.line().catch(died);
    await program.closed;
    const end = Date.now() - began;
    if (mode === 'stuck') numbers = await receiver.finish();
    const different = new Set(numbers).size;
    return {
      arrived: different,
      twice: numbers.length - different,
      lost: messages - different,
      ordered: numbers.every((number, index) => index === 0 || number > numbers[index - 1]),
      cpu: Number(last),
      end,
      crashed,
    };
  } finally {
    for (const { kill } of running) kill();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

module.exports = { cells, contestants, run };
