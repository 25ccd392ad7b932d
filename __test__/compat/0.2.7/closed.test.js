'use strict';
// Rows 13, 14 and 34 of the defects of 0.2.7: a closed socket does nothing, also to the next owner of its descriptor.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { sockPath, tmp } = require('../../helpers');
const { lib } = require('../../helpers/lib');
const { connected, datagram } = require('../../helpers/pair');
const { isolated } = require('../../helpers/isolated');
const { turns } = require('../../helpers/sockets');

isolated(
  "row 13: after destroy() in 'data' nothing is read, also not from the next owner of the descriptor",
  async (t) => {
    const { client, peer } = await connected(t);
    const file = path.join(tmp(t), 'file');
    fs.writeFileSync(file, 'content');
    const got = [];
    let fd;
    peer.on('data', (data) => {
      got.push(String(data));
      peer.destroy();
      fd = fs.openSync(file);
    });
    const closed = once(peer, 'close');
    client.on('error', () => {}); // unread messages reset the connection
    for (const text of 'abc') client.write(Buffer.from(text));
    await closed;
    await turns();
    assert.deepStrictEqual(got, ['a']);
    const content = Buffer.alloc(7);
    fs.readSync(fd, content); // from the current position, which another reader would have changed
    fs.closeSync(fd);
    assert.strictEqual(String(content), 'content');
  },
);

isolated("row 14: a datagram socket emits no 'data' after close() in 'data'", async (t) => {
  const at = sockPath(t);
  const receiver = datagram(t, at);
  const sender = datagram(t);
  const events = [];
  receiver.on('data', () => {
    events.push('data');
    receiver.close();
  });
  receiver.on('close', () => events.push('close'));
  for (let i = 0; i < 5; i++) sender.sendTo(Buffer.from('x'), 0, 1, at);
  await once(receiver, 'close');
  await turns();
  assert.deepStrictEqual(events, ['data', 'close']);
});

isolated('row 34: ref() and unref() of closed sockets do not access freed memory', async (t) => {
  const { server, client, peer } = await connected(t);
  const closed = [server, client, peer, ...Array.from({ length: 100 }, () => new lib.SeqpacketSocket())];
  for (const socket of closed) socket.close();
  await turns();
  // Allocate the freed memory again, in blocks of about the size of a handle, with content that is no valid pointer.
  const others = Array.from({ length: 2000 }, (_, i) => Buffer.allocUnsafeSlow(150 + (i % 30)).fill(0xff));
  for (const socket of closed) {
    socket.ref();
    socket.unref();
    socket.ref();
  }
  assert.ok(others.every((other) => other.every((byte) => byte === 0xff)));
});

isolated(
  'row 34: setRecvBufferSize() of a closed socket throws and does not affect the next owner of the descriptor',
  async (t) => {
    const closed = new lib.DgramSocket();
    closed.close();
    await turns(3);
    const next = datagram(t);
    const sizes = [next.getRecvBufferSize(), next.getSendBufferSize()];
    for (const call of ['setRecvBufferSize', 'setSendBufferSize']) {
      assert.throws(() => closed[call](4096), { code: 'ERR_SOCKET_CLOSED' });
    }
    for (const call of ['getRecvBufferSize', 'getSendBufferSize', 'address']) {
      assert.throws(() => closed[call](), { code: 'ERR_SOCKET_CLOSED' });
    }
    assert.deepStrictEqual([next.getRecvBufferSize(), next.getSendBufferSize()], sizes);
  },
);

isolated('row 34: end() of a destroyed socket does not affect the next owner of the descriptor', async (t) => {
  const first = await connected(t);
  first.client.destroy();
  first.peer.destroy();
  await turns(3);
  const { client, peer } = await connected(t);
  const events = [];
  for (const socket of [client, peer]) socket.on('data', () => events.push('data')).on('end', () => events.push('end'));
  first.client.end();
  first.peer.end();
  client.write(Buffer.from('x'));
  await once(peer, 'data');
  peer.write(Buffer.from('x'));
  await once(client, 'data');
  await turns(3);
  assert.deepStrictEqual(events, ['data', 'data']);
});
