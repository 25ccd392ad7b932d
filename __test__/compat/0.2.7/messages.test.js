'use strict';
// Rows 8, 9, 17, 20, 22, 24 and 29 of the defects of 0.2.7: delivery of messages, errors, backpressure.

const assert = require('node:assert');
const { once } = require('node:events');
const { collect, python, sockPath } = require('../../helpers');
const { connected, datagram, listening } = require('../../helpers/pair');
const { isolated } = require('../../helpers/isolated');
const { turns } = require('../../helpers/sockets');

/** The text of a 'data' event. */
const text = ([data]) => String(data);
const tooLong = Buffer.alloc(16 << 20);

isolated('row 8: a message that is too long fails alone, and the connection works', async (t) => {
  const { client, peer } = await connected(t);
  let errors = 0;
  client.on('error', () => errors++);
  const err = await new Promise((resolve) => client.write(tooLong, 0, tooLong.length, (err) => resolve(err)));
  assert.strictEqual(err.code, 'EMSGSIZE');
  client.write(Buffer.from('next'));
  assert.strictEqual(String((await once(peer, 'data'))[0]), 'next');
  assert.strictEqual(errors, 0, "no 'error', because the callback got the error");
});

isolated("row 9: a failed sendTo() without a callback emits 'error'", async (t) => {
  const socket = datagram(t);
  const nobody = sockPath(t);
  const failed = once(socket, 'error');
  socket.sendTo(Buffer.from('x'), 0, 1, nobody);
  const [err] = await failed;
  assert.strictEqual(err.code, 'ENOENT');
});

isolated('row 17: write(buf, 0, 0) sends an empty message', async (t) => {
  const { client, peer } = await connected(t);
  const messages = collect(peer, 'data', 2);
  client.write(Buffer.from('abc'), 0, 0);
  client.write(Buffer.from('abc'));
  assert.deepStrictEqual((await messages).map(text), ['', 'abc']);
});

const sendsEmpty = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
for message in (b'', b'x', b'', b''): s.send(message)
s.close()
`;

isolated("row 17: an empty message of a peer emits 'data', not 'end'", async (t) => {
  const { server, path } = listening(t);
  python(t, sendsEmpty, [path]);
  const [socket] = await once(server, 'connection');
  t.after(() => socket.destroy());
  const events = [];
  socket.on('data', (data) => events.push(String(data)));
  socket.on('end', () => events.push('end'));
  await once(socket, 'end');
  assert.deepStrictEqual(events, ['', 'x', '', '', 'end']);
});

isolated('row 20: a datagram of 100,000 bytes arrives whole', async (t) => {
  const path = sockPath(t);
  const receiver = datagram(t, path);
  datagram(t).sendTo(Buffer.alloc(100000, 7), 0, 100000, path);
  const [data] = await once(receiver, 'data');
  assert.deepStrictEqual(data, Buffer.alloc(100000, 7));
});

isolated('row 20: info reports that a message was truncated', async (t) => {
  const { client, peer } = await connected(t);
  peer.setInternalReadBufferSize(16);
  const messages = collect(peer, 'data', 2);
  client.write(Buffer.alloc(100, 'a'));
  client.write(Buffer.alloc(16, 'b'));
  const told = (await messages).map(([data, info]) => [String(data), info?.size, info?.truncated]);
  assert.deepStrictEqual(told, [
    ['a'.repeat(16), 100, true],
    ['b'.repeat(16), 16, false],
  ]);
});

// Sends three messages and closes without reading.
const goesUnread = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
sys.stdin.readline()
for message in (b'a', b'b', b'c'): s.send(message)
s.close()
print('gone')
`;

isolated('row 22: messages that the peer sent before a reset arrive, then ECONNRESET', async (t) => {
  const { server, path } = listening(t);
  const client = python(t, goesUnread, [path]);
  const [socket] = await once(server, 'connection');
  const events = [];
  socket.on('data', (data) => events.push(String(data)));
  socket.on('error', (err) => events.push(err.code));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(Buffer.from('never read'));
  client.send('\n');
  await closed;
  assert.deepStrictEqual(events, ['a', 'b', 'c', 'ECONNRESET']);
});

for (const [what, prepare] of Object.entries({
  write: async (t) => {
    const { client, peer } = await connected(t);
    return { socket: client, receiver: peer, send: () => client.write(Buffer.alloc(8192)) };
  },
  sendTo: async (t) => {
    const path = sockPath(t);
    const receiver = datagram(t, path);
    const socket = datagram(t);
    return { socket, receiver, send: () => socket.sendTo(Buffer.alloc(8192), 0, 8192, path) };
  },
})) {
  isolated(`row 24: ${what} returns false when the queue is full, and 'drain' follows`, async (t) => {
    const { socket, receiver, send } = await prepare(t);
    const drained = once(socket, 'drain');
    let sent = 1;
    assert.strictEqual(send(), true);
    while (send()) if (++sent > 1000) assert.fail(`${what} returned true 1000 times although the peer does not read`);
    receiver.on('data', () => {});
    await drained;
    assert.strictEqual(send(), true);
  });
}

isolated("row 29: messages that arrive before there is a 'data' listener are held for it", async (t) => {
  const { client, peer } = await connected(t);
  for (const digit of '123') client.write(Buffer.from(digit));
  await turns(10); // the messages have arrived by then
  const got = await collect(peer, 'data', 3);
  assert.deepStrictEqual(got.map(text), ['1', '2', '3']);
});
