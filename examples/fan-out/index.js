'use strict';

/**
 * One publisher, and four subscribers in processes of their own: one reads, one is slow, one is stopped, one is killed. Each gets
 * what it can take, and the messages to the one that reads do not wait for the others. One command: node examples/fan-out
 */

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const { example, until } = require('../lib/example');
const { Publisher } = require('./publisher');

const SIZE = 1000;
const WAITING = 16384; // bytes, for one subscriber
const PATIENCE = 100; // messages
const MISSED = 5; // messages that are published while the slow one is full

/** A subscriber process and what it has reported. */
class Process {
  constructor(start, publisher, path) {
    this.path = path;
    this.counts = { received: 0, missed: 0, last: 0 };
    this.waiting = () => {};
    this.child = start(process.execPath, [require.resolve('./subscriber'), publisher, path], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child.on('message', (report) => {
      if ('last' in report) this.counts = report;
      this.waiting();
    });
  }

  /** Resolves when the process has received the message with this number. */
  async reached(number) {
    while (this.counts.last !== number) {
      await new Promise((resolve) => {
        this.waiting = resolve;
      });
    }
  }

  /** Makes the process stop reading, or read again. */
  async setBusy(busy) {
    this.child.send(busy);
    await once(this.child, 'message');
  }
}

/** Resolves when the publisher has emitted the event for the subscriber, to the argument that follows the path. */
function emitted(publisher, event, { path }) {
  return new Promise((resolve) => {
    publisher.on(event, function listener(at, details) {
      if (at !== path) return;
      publisher.removeListener(event, listener);
      resolve(details);
    });
  });
}

/** Publishes the next number. Resolves when `readers` have received it. */
async function publish(publisher, readers, state) {
  publisher.publish(`${++state.published}`.padEnd(SIZE));
  await Promise.all(readers.map((reader) => reader.reached(state.published)));
}

/** Publishes one message after the other, each when `readers` have received the one before, until `event` has happened. */
async function publishUntil(event, publisher, readers, state) {
  let done = false;
  event.then(() => {
    done = true;
  });
  while (!done) await publish(publisher, readers, state);
  return event;
}

async function stopProcess({ child }) {
  child.kill('SIGSTOP');
  await until(() => / T /.test(fs.readFileSync(`/proc/${child.pid}/stat`, 'latin1')), 'the process to stop');
}

example([], async ({ dir, start }) => {
  const publisher = new Publisher({ path: `${dir}/publisher`, highWaterMark: WAITING, patience: PATIENCE });
  publisher.on('error', (err) => console.error(err.message));
  const state = { published: 0 };
  const run = async (name) => {
    const subscriber = new Process(start, `${dir}/publisher`, `${dir}/${name}`);
    await emitted(publisher, 'subscribed', subscriber);
    return subscriber;
  };
  const [quick, slow, stopped, killed] = await Promise.all(['quick', 'slow', 'stopped', 'killed'].map(run));

  await slow.setBusy(true);
  await stopProcess(stopped);
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');

  console.log('while one subscriber is busy, one stopped and one killed');
  const full = Promise.all([slow, stopped].map((each) => emitted(publisher, 'slow', each)));
  const dead = emitted(publisher, 'gone', killed);
  await publishUntil(Promise.all([full, dead]), publisher, [quick], state);
  const { reason } = await dead;
  console.log(`  killed: removed because of ${reason}`);
  assert.strictEqual(reason, 'ECONNREFUSED');
  const waits = [slow, stopped].map(({ path }) => publisher.socket.writableLengthTo(path) >= WAITING);
  assert.deepStrictEqual(waits, [true, true]);
  assert.strictEqual(publisher.socket.writableLengthTo(quick.path), 0);
  for (let i = 0; i < MISSED; i++) await publish(publisher, [quick], state);

  console.log('the busy one reads again');
  const drained = emitted(publisher, 'drained', slow);
  await slow.setBusy(false);
  const { missed } = await drained;
  const given = emitted(publisher, 'gone', stopped);
  const gone = await publishUntil(given, publisher, [quick, slow], state);
  console.log(`  slow: ${slow.counts.received} received, ${slow.counts.missed} missed`);
  assert.deepStrictEqual([slow.counts.missed, missed], [MISSED, MISSED]);
  assert.strictEqual(slow.counts.received + missed, state.published);
  console.log(`  stopped: given up after ${gone.missed} missed messages, ${gone.dropped} that waited were dropped`);
  assert.strictEqual(gone.missed, PATIENCE);
  assert.ok(gone.dropped > 0);
  assert.strictEqual(publisher.socket.writableLength, 0);

  console.log('the stopped one continues, and the killed one is started again');
  const again = emitted(publisher, 'subscribed', stopped);
  stopped.child.kill('SIGCONT');
  await again;
  const restarted = await run('killed');
  const all = [quick, slow, stopped, restarted];
  await publish(publisher, all, state);
  console.log(`  message ${state.published} received by ${all.length} of ${publisher.subscribers.size}`);
  console.log(`quick: ${quick.counts.received} of ${state.published} received, ${quick.counts.missed} missed`);
  assert.deepStrictEqual(quick.counts, { received: state.published, missed: 0, last: state.published });
  publisher.close();
});
