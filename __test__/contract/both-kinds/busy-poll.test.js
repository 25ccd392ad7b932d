'use strict';
// busyPoll: after a message the event loop looks for the next one before it sleeps.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, runChild } = require('../../helpers');
const { messages, numbered, numbers, pair, range, sent } = require('../../helpers/sockets');

const options = { timeout: deadline };

for (const type of ['seqpacket', 'dgram']) {
  describe(type, () => {
    test('messages in both directions arrive, in order; timers run meanwhile', options, async (t) => {
      const [a, b] = pair(t, type, { busyPoll: 1000 });
      let timers = 0;
      const timer = setInterval(() => timers++, 1);
      t.after(() => clearInterval(timer));
      b.on('data', (data) => b[type === 'dgram' ? 'send' : 'write'](data));
      const got = numbers(a, 500);
      for (const i of range(500)) await sent(a, numbered(i));
      assert.deepStrictEqual(await got, range(500));
      await new Promise((resolve) => setTimeout(resolve, 5));
      assert.ok(timers > 0);
    });

    test('a socket that closes in a listener while it polls emits nothing after close', options, async (t) => {
      const [a, b] = pair(t, type, { busyPoll: 1000 });
      let count = 0;
      a.on('data', () => {
        count++;
        a.close();
      });
      await Promise.all([sent(b, 'x'), once(a, 'close')]);
      await new Promise(setImmediate);
      assert.strictEqual(count, 1);
    });

    test('a paused socket keeps its messages while it polls', options, async (t) => {
      const [a, b] = pair(t, type, { busyPoll: 1000 });
      const first = messages(a, 1);
      await sent(b, 'one');
      await first;
      a.pause();
      await sent(b, 'two');
      await new Promise((resolve) => setTimeout(resolve, 3));
      assert.strictEqual(a.bytesRead, 3);
      const second = messages(a, 1);
      a.resume();
      assert.strictEqual(String((await second)[0].data), 'two');
    });
  });
}

test('busyPoll must be an integer of 0 to 1,000 microseconds', options, (t) => {
  for (const busyPoll of [-1, 1001, 0.5, NaN]) {
    assert.throws(() => pair(t, 'dgram', { busyPoll }), { code: 'ERR_OUT_OF_RANGE' });
  }
  assert.throws(() => pair(t, 'dgram', { busyPoll: '1' }), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('a socket that polled uses no CPU once its time is over, and a worker that polls can end', options, async (t) => {
  const result = await runChild(t, () => {
    const { createSocketPair } = globalThis.lib;
    const { Worker } = require('node:worker_threads');
    const [a, b] = createSocketPair('seqpacket', { busyPoll: 1000 });
    const report = (cpu) => {
      const source = `const [a, b] = require(process.argv[2]).createSocketPair('dgram', { busyPoll: 1000 });
        a.on('data', (data) => a.send(data));
        b.on('data', (data) => b.send(data));
        a.send('x');
        setTimeout(() => process.exit(), 50);`;
      const worker = new Worker(source, { eval: true, argv: [globalThis.libPath] });
      worker.on('exit', (code) => {
        console.log(JSON.stringify({ cpu, code }));
        process.exit();
      });
    };
    a.on('data', () => {
      setTimeout(() => {
        const before = process.cpuUsage();
        setTimeout(() => {
          const { user, system } = process.cpuUsage(before);
          report((user + system) / 1000);
        }, 500);
      }, 20);
    });
    b.write('x');
  });
  const { cpu, code } = JSON.parse(result.stdout);
  assert.strictEqual(code, 0);
  assert.ok(cpu < 100, `${cpu} ms of CPU time in 500 ms without messages`);
});
