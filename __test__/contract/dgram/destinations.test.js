'use strict';
// A datagram socket with more destinations than ids for them: a full destination delays no callback of another one.

const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { deadline, sockPath, tmp } = require('../../helpers');
const { dgram, fill, range, sent, turns } = require('../../helpers/sockets');

const options = { timeout: deadline };

test('callbacks of 200 destinations run while another destination is full', options, async (t) => {
  const full = dgram(t, sockPath(t), { paused: true });
  const sender = dgram(t);
  fill(sender, 10, full.address());
  let told = false;
  sender.send('waits', full.address(), () => {
    told = true;
  });
  const folder = tmp(t);
  for (const i of range(200)) {
    await assert.rejects(sent(sender, 'x', path.join(folder, `missing-${i}`)), { code: 'ENOENT' });
  }
  assert.strictEqual(told, false);
});

test('150 full destinations: each callback runs once, in order for each destination', options, async (t) => {
  const full = range(150).map(() => dgram(t, sockPath(t), { paused: true }));
  const sender = dgram(t);
  const called = full.map(() => []);
  const all = full.map((receiver, i) => {
    // Alternately as a string and as a Buffer.
    const names = [receiver.address(), Buffer.from(receiver.address())];
    return Promise.all(
      range(20).map((n) => {
        return sent(sender, String(n), names[n % 2]).then(() => called[i].push(n));
      }),
    );
  });
  await turns();
  assert.ok(called.every((list) => list.length < 20));
  for (const receiver of full) receiver.on('data', () => {}).resume();
  await Promise.all(all);
  for (const list of called) assert.deepStrictEqual(list, range(20));
});
