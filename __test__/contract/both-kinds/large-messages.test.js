'use strict';
// Large messages (docs/adr/0011): the size of the next message is read first, and another reader of the same socket may
// take the message in between.

const { test } = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { setTimeout: sleep } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');
const { deadline, eventually, openFds, runChild, tmp } = require('../../helpers');
const { contentOf, fileWith } = require('../../helpers/files');
const { start } = require('../../helpers/processes');
const { messages, pair, post, range, sent } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');
const { check, make, sizes } = require('../../fixtures/large-messages/messages');

const options = { timeout: deadline };
const linuxOnly = { ...options, skip: process.platform !== 'linux' && 'Linux only' };
const COUNT = 600;
const fixtures = path.join(__dirname, '..', '..', 'fixtures', 'large-messages');
const file = path.join(fixtures, 'reader.js');

/** Sends one message; if `fds` is true, every third one has the descriptor of a file that contains its number. */
function give(t, socket, number, size, { fds }) {
  const message = make(number, size);
  if (!fds || number % 3 !== 0 || size === 0) return sent(socket, message);
  const fd = fs.openSync(fileWith(t, `file ${number}`), 'r');
  const form = socket.send ? [message, undefined] : [message];
  const done = sent(socket, ...form, { fds: [fd] });
  fs.closeSync(fd);
  return done;
}

const readers = {
  /** A process that inherits the descriptor. Yields the lines it prints. */
  process(t, type, fd, text) {
    const child = start(t, process.execPath, [file, type, '3', text], { stdio: ['pipe', 'pipe', 'pipe', fd] });
    return (async function* () {
      for (;;) yield await child.line();
    })();
  },
  /** A worker with a duplicate of the descriptor, received in a message. Yields the lines it prints. */
  async *worker(t, type, fd, text) {
    const [a, b] = lib.createSocketPair('seqpacket', { receiveFds: true });
    a.write('one', { fds: [fd] });
    const [, { fds }] = await once(b, 'data');
    a.destroy();
    b.destroy();
    const worker = new Worker(file, { argv: [type, fds[0], text], stdout: true, trackUnmanagedFds: false });
    t.after(() => worker.terminate());
    for await (const line of createInterface({ input: worker.stdout })) yield line;
  },
};

/** Two readers of one socket. `got` collects their lines; `stop` resolves to the CPU share of each while idle. */
async function share(t, how, type, settings) {
  const { receiveFds = false } = settings[0];
  const [a, b] = pair(t, type, { receiveFds });
  const lines = settings.map((each) => readers[how](t, type, b.fd, JSON.stringify(each)));
  const got = settings.map(() => []);
  for (const each of lines) assert.strictEqual((await each.next()).value, 'ready');
  const ended = lines.map(async (each, i) => {
    for await (const line of each) {
      if (line.startsWith('busy')) return [i, Number(line.slice(5))];
      got[i].push(line);
    }
    throw new Error('a reader ended');
  });
  /** Stops the readers one after the other, because one reader might take both 'stop' messages. */
  const stop = async () => {
    const running = new Map(ended.entries());
    const busy = [];
    while (running.size > 0) {
      await sent(a, 'stop');
      const [i, share] = await Promise.race(running.values());
      running.delete(i);
      busy.push(share);
    }
    return busy;
  };
  return { socket: a, got, stop };
}

const shared = {
  'small and large messages': [{}, {}],
  'a reader with a small read buffer': [{}, { readBufferSize: 40000 }],
  'with descriptors and credentials': range(2).map(() => ({ receiveFds: true, receiveCredentials: true })),
};

for (const how of Object.keys(readers)) {
  for (const type of ['seqpacket', 'dgram']) {
    for (const [what, settings] of Object.entries(shared)) {
      const name = `two readers of a ${type} socket (${how}), ${what}: each message arrives once, whole, no busy loop`;
      test(name, linuxOnly, async (t) => {
        const { socket, got, stop } = await share(t, how, type, settings);
        const all = sizes(COUNT, 7);
        const fds = Boolean(settings[0].receiveFds);
        await Promise.all(all.map((size, number) => give(t, socket, number, size, { fds })));
        await eventually(() => got.flat().length >= COUNT, 'every message');
        await sleep(200); // nothing to read: a reader that uses CPU time now is in a busy loop
        const busy = await stop();
        const expected = all.map((size, number) => (size === 0 ? 'empty' : String(number)));
        assert.deepStrictEqual(got.flat().sort(), expected.sort());
        for (const lines of got) {
          const numbers = lines.filter((line) => line !== 'empty').map(Number);
          assert.deepStrictEqual(
            numbers,
            [...numbers].sort((x, y) => x - y),
          );
        }
        assert.ok(
          busy.every((share) => share < 0.5),
          `busy: ${busy}`,
        );
        t.diagnostic(`${got.map((lines) => lines.length)} messages`);
      });
    }
  }
}

/** Runs in a separate process with fixtures/large-messages/thief.c preloaded. */
async function robbed() {
  const { lib, args } = globalThis;
  const { check, make, sizes } = require(args.messages);
  const { closeSync, openSync } = require('node:fs');
  const fd = openSync('/dev/null', 'r');
  const got = {};
  for (const type of ['seqpacket', 'dgram']) {
    const [a, b] = lib.createSocketPair(type, { receiveFds: args.receiveFds });
    const all = sizes(args.count, args.seed);
    const numbers = [];
    got[type] = numbers;
    b.on('data', (data, ...rest) => {
      const info = rest.pop();
      const number = check(data, info);
      info.fds.forEach(closeSync);
      const wanted = args.receiveFds && number >= 0 && number % 3 === 0 ? 1 : 0;
      if (info.fds.length !== wanted) throw new Error(`${number}: ${info.fds.length} descriptors`);
      numbers.push(number);
    });
    const send = (size, number) =>
      new Promise((resolve, reject) => {
        const fds = args.receiveFds && number % 3 === 0 && size > 0 ? [fd] : [];
        const form = a.send ? [undefined] : [];
        const post = a.send || a.write;
        post.call(a, make(number, size), ...form, { fds }, (err) => (err ? reject(err) : resolve()));
      });
    await Promise.all(all.map(send));
    for (let i = 0; i < 20; i++) await new Promise(setImmediate); // all are in the kernel
    a.close();
    b.close();
  }
  console.log(JSON.stringify(got));
}

for (const receiveFds of [false, true]) {
  const name = `another reader takes a message whose size was read${receiveFds ? ', with fds' : ''}: the others arrive`;
  test(name, linuxOnly, async (t) => {
    const thief = path.join(tmp(t), 'thief.so');
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', thief, path.join(fixtures, 'thief.c'), '-ldl']);
    // The library of a sanitizer has to come first.
    const env = { LD_PRELOAD: [process.env.LD_PRELOAD, thief].filter(Boolean).join(':') };
    const count = 1000;
    for (const seed of range(4)) {
      const args = { messages: path.join(fixtures, 'messages.js'), receiveFds, seed, count };
      const { code, stdout, stderr } = await runChild(t, robbed, { args, env });
      assert.strictEqual(code, 0, stderr);
      const stolen = stderr.trim().split('\n').map(Number);
      const all = sizes(count, seed).map((size, number) => (size === 0 ? -1 : number));
      const left = [];
      for (const numbers of Object.values(JSON.parse(stdout))) {
        const taken = stolen.splice(0, count - numbers.length);
        left.push(taken.length);
        assert.deepStrictEqual(
          numbers,
          all.filter((number) => !taken.includes(number)),
        );
      }
      assert.deepStrictEqual(stolen, []);
      assert.ok(
        left.every((count) => count > 10),
        `${left} stolen`,
      );
    }
  });
}

for (const type of ['seqpacket', 'dgram']) {
  test(
    `${type}: small and large messages arrive with their descriptors and credentials; no descriptor stays open`,
    linuxOnly,
    async (t) => {
      const [a, b] = pair(t, type, { receiveFds: true, receiveCredentials: true });
      const before = openFds();
      const all = sizes(200, 1);
      const receiving = messages(b, all.length);
      await Promise.all(all.map((size, number) => give(t, a, number, size, { fds: true })));
      for (const [number, { data, info }] of (await receiving).entries()) {
        const { pid, uid } = info.credentials;
        assert.deepStrictEqual([pid, uid], [process.pid, process.getuid()]);
        assert.strictEqual(check(data, info), all[number] === 0 ? -1 : number);
        const expected = number % 3 === 0 && all[number] > 0 ? [`file ${number}`] : [];
        assert.deepStrictEqual(info.fds.map(contentOf), expected);
      }
      post(a, 'last');
      await messages(b, 1);
      assert.strictEqual(openFds(), before);
    },
  );
}
