'use strict';
// Rows 13, 14 and 34 of the defects of 0.2.7: a closed socket does nothing, least of all to who has its descriptor now.

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
  "row 13: nothing is read after destroy() in 'data', not from the descriptor's next owner either",
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
    client.on('error', () => {}); // what was not read resets the connection
    for (const text of 'abc') client.write(Buffer.from(text));
    await closed;
    await turns();
    assert.deepStrictEqual(got, ['a']);
    const content = Buffer.alloc(7);
    fs.readSync(fd, content); // from where the last reader left it
    fs.closeSync(fd);
    assert.strictEqual(String(content), 'content');
  },
);

isolated("row 14: no 'data' of a datagram socket comes after its 'close'", async (t) => {
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

isolated('row 34: ref and unref of closed sockets do not touch memory that has been given back', async (t) => {
  const { server, client, peer } = await connected(t);
  const closed = [server, client, peer, ...Array.from({ length: 100 }, () => new lib.SeqpacketSocket())];
  for (const socket of closed) socket.close();
  await turns();
  // What was freed gets other owners, of about a handle's size, whose content is no pointer.
  const others = Array.from({ length: 2000 }, (_, i) => Buffer.allocUnsafeSlow(150 + (i % 30)).fill(0xff));
  for (const socket of closed) {
    socket.ref();
    socket.unref();
    socket.ref();
  }
  assert.ok(others.every((other) => other.every((byte) => byte === 0xff)));
});

isolated(
  'row 34: setRecvBufferSize of a closed socket throws and spares the next owner of the descriptor',
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

isolated('row 34: end of a destroyed socket spares the next owner of the descriptor', async (t) => {
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
