'use strict';
// Rows 10 and 11 of the defects of 0.2.7: datagrams to a peer that does not read.

const assert = require('node:assert');
const { once } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');
const { collect, sockPath } = require('../../helpers');
const { datagram } = require('../../helpers/pair');
const { numbered, readAll, slowPeer } = require('../../helpers/slow-peer');
const { isolated } = require('../../helpers/isolated');

const ascending = (n) => Array.from({ length: n }, (_, i) => i);

function sendNumbers(socket, path, n) {
  for (let i = 0; i < n; i++) socket.sendTo(numbered(i), 0, 4, path);
}

isolated('row 10: no CPU is used while a peer is full, and none afterwards', async (t) => {
  const slow = await slowPeer(t);
  const sender = datagram(t);
  sendNumbers(sender, slow.path, 12); // one more than the queue of the peer holds
  const used = async () => {
    const before = process.cpuUsage();
    await sleep(1000);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const waiting = await used();
  assert.deepStrictEqual(await readAll(slow, 12), ascending(12));
  const idle = await used();
  assert.ok(waiting < 100 && idle < 100, `ms of CPU in a second: ${waiting} while full, ${idle} afterwards`);
});

isolated(
  'compatibility: messages to a full peer arrive in order when it reads, and callbacks run in order',
  async (t) => {
    const slow = await slowPeer(t);
    const sender = datagram(t);
    const called = new Promise((resolve) => {
      const seen = [];
      const note = (i) => seen.push(i) === 100 && resolve(seen);
      for (let i = 0; i < 100; i++) sender.sendTo(numbered(i), 0, 4, slow.path, () => note(i));
    });
    assert.deepStrictEqual(await readAll(slow, 100), ascending(100));
    assert.deepStrictEqual(await called, ascending(100));
  },
);

isolated('row 10: a socket whose peer is full still receives', async (t) => {
  const slow = await slowPeer(t);
  const path = sockPath(t);
  const socket = datagram(t, path);
  sendNumbers(socket, slow.path, 12);
  datagram(t).sendTo(Buffer.from('news'), 0, 4, path);
  assert.strictEqual(String((await once(socket, 'data'))[0]), 'news');
});

isolated('row 11: a full peer does not delay messages to another one', async (t) => {
  const slow = await slowPeer(t);
  const path = sockPath(t);
  const lively = datagram(t, path);
  const socket = datagram(t);
  sendNumbers(socket, slow.path, 12);
  const got = collect(lively, 'data', 5);
  sendNumbers(socket, path, 5);
  assert.deepStrictEqual(
    (await got).map(([data]) => data.readUInt32BE()),
    ascending(5),
  );
});
