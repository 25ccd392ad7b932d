'use strict';
// Async iterators of the three classes: delivery, backpressure, end, early return.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, eventually } = require('../helpers');
const {
  client,
  closing,
  connected,
  numberOf,
  numbered,
  pair,
  post,
  range,
  sent,
  serve,
  texts,
  turns,
} = require('../helpers/sockets');

const options = { timeout: deadline };
/** The bytes of an item: a Buffer for seqpacket, an object for dgram. */
const dataOf = (item) => (Buffer.isBuffer(item) ? item : item.data);
const listeners = (emitter) => emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]);

for (const type of ['seqpacket', 'dgram']) {
  describe(type, () => {
    test('yields every message in order, also those that arrive while the loop waits', options, async (t) => {
      const [a, b] = pair(t, type);
      for (const i of range(100)) post(a, numbered(i));
      let next = 0;
      for await (const item of b) {
        assert.strictEqual(numberOf(dataOf(item)), next++);
        if (next === 100) for (const i of range(100)) post(a, numbered(100 + i));
        if (next % 20 === 0) await turns(3);
        if (next === 200) break;
      }
      assert.strictEqual(next, 200);
    });

    test('a slow consumer leaves messages with the sender', options, async (t) => {
      const [a, b] = pair(t, type);
      for (const i of range(4000)) post(a, numbered(i));
      const iterator = b[Symbol.asyncIterator]();
      assert.strictEqual(numberOf(dataOf((await iterator.next()).value)), 0);
      await turns(50);
      assert.ok(a.writableLength > 3e6, `only ${a.writableLength} bytes wait with the sender`);
      for (const i of range(3999)) assert.strictEqual(numberOf(dataOf((await iterator.next()).value)), i + 1);
    });

    test(
      'break removes the listeners of the loop; the other messages are lost only if the socket is closed',
      options,
      async (t) => {
        const [a, b] = pair(t, type);
        const before = listeners(b);
        for (const i of range(10)) post(a, String(i));
        for await (const item of b) {
          if (dataOf(item).toString() === '2') break;
        }
        assert.deepStrictEqual(listeners(b), before);
        await turns();
        if (b.closed) return;
        const rest = [];
        for await (const item of b) if (rest.push(dataOf(item).toString()) === 7) break;
        assert.deepStrictEqual(rest, ['3', '4', '5', '6', '7', '8', '9']);
      },
    );

    test('an exception in the loop rejects the loop', options, async (t) => {
      const [a, b] = pair(t, type);
      post(a, 'x');
      const loop = async () => {
        for await (const item of b) throw new Error(`met ${dataOf(item)}`);
      };
      await assert.rejects(loop(), /met x/);
    });

    test("ends on 'close'", options, async (t) => {
      const [a, b] = pair(t, type);
      const got = [];
      post(a, '0');
      for await (const item of b) {
        got.push(dataOf(item).toString());
        setImmediate(() => b.close());
      }
      assert.deepStrictEqual(got, ['0']);
      for await (const _ of b) assert.fail('a closed socket yields nothing');
    });

    test("throws the error of 'error', also if it is emitted between two calls of next()", options, async (t) => {
      for (const when of ['waiting', 'between']) {
        const controller = new AbortController();
        const [a, b] = pair(t, type, { signal: controller.signal });
        a.on('error', () => {});
        post(a, 'x');
        const iterator = b[Symbol.asyncIterator]();
        await iterator.next();
        if (when === 'between') {
          controller.abort();
          await turns();
        }
        const next = iterator.next();
        controller.abort();
        await assert.rejects(next, { name: 'AbortError' });
        assert.strictEqual((await iterator.next()).done, true);
      }
    });

    test('several pending calls of next() get messages in order, and end on close()', options, async (t) => {
      const [a, b] = pair(t, type);
      const iterator = b[Symbol.asyncIterator]();
      const all = range(5).map(() => iterator.next());
      for (const i of range(7)) post(a, String(i));
      assert.deepStrictEqual(
        (await Promise.all(all)).map(({ value }) => dataOf(value).toString()),
        ['0', '1', '2', '3', '4'],
      );
      assert.strictEqual(dataOf((await iterator.next()).value).toString(), '5');
      assert.strictEqual(dataOf((await iterator.next()).value).toString(), '6');
      const waiting = range(3).map(() => iterator.next());
      b.close();
      for (const { done } of await Promise.all(waiting)) assert.strictEqual(done, true);
    });

    test('return() ends pending calls of next(); the iterator is iterable itself', options, async (t) => {
      const [, b] = pair(t, type);
      const iterator = b[Symbol.asyncIterator]();
      assert.strictEqual(iterator[Symbol.asyncIterator](), iterator);
      const waiting = iterator.next();
      assert.strictEqual((await iterator.return()).done, true);
      assert.strictEqual((await waiting).done, true);
      assert.strictEqual((await iterator.next()).done, true);
    });
  });
}

test('dgram: each item has data, path and info', options, async (t) => {
  const [a, b] = pair(t, 'dgram');
  post(a, 'x');
  for await (const { data, path, info } of b) {
    assert.deepStrictEqual([data.toString(), path, info.size, info.truncated, info.fds], ['x', '', 1, false, []]);
    break;
  }
});

test('seqpacket: ends when the peer has ended, after all its messages', options, async (t) => {
  const { client: socket, peer } = await connected(t);
  peer.on('close', () => {});
  const got = [];
  const loop = (async () => {
    for await (const data of peer) {
      got.push(data.toString());
      await turns(2);
    }
  })();
  for (const i of range(10)) await sent(socket, String(i));
  socket.end();
  await loop;
  assert.deepStrictEqual(got, range(10).map(String));
  if (!peer.closed) {
    peer.end('answer'); // can still write
    assert.deepStrictEqual(await texts(socket, 1), ['answer']);
  }
});

test("seqpacket: a loop that begins after 'end' ends at once", options, async (t) => {
  const { client: socket, peer } = await connected(t);
  const end = once(peer, 'end');
  peer.on('data', () => {});
  await sent(socket, 'x');
  socket.end();
  await end;
  for await (const _ of peer) assert.fail('a message after the end');
});

test('seqpacket: throws the error of destroy(err)', options, async (t) => {
  const { peer } = await connected(t);
  const next = peer[Symbol.asyncIterator]().next();
  peer.destroy(new Error('broken'));
  await assert.rejects(next, /broken/);
});

test('seqpacket: two loops can exchange requests and replies', options, async (t) => {
  const { client: socket, peer } = await connected(t);
  const server = (async () => {
    for await (const request of peer) peer.write(`re: ${request}`);
    peer.end();
  })();
  const replies = [];
  socket.write('0');
  for await (const reply of socket) {
    if (replies.push(reply.toString()) === 50) socket.end();
    else socket.write(String(replies.length));
  }
  assert.deepStrictEqual(
    replies,
    range(50).map((i) => `re: ${i}`),
  );
  await server;
});

test('server: yields every connection, also those that arrive while the loop is busy', options, async (t) => {
  const server = serve(t);
  const clients = range(20).map((i) => {
    const socket = client(t, server.address());
    socket.write(String(i));
    return socket;
  });
  let next = 0;
  for await (const peer of server) {
    closing(t, peer);
    assert.deepStrictEqual(await texts(peer, 1), [String(next++)]);
    await turns(2);
    if (next === 20) setImmediate(() => server.close());
  }
  assert.strictEqual(next, 20);
  assert.ok(clients.every((socket) => !socket.closed));
  for await (const _ of server) assert.fail('a closed server yields nothing');
});

test('server: break leaves an open server listening', options, async (t) => {
  const server = serve(t);
  client(t, server.address());
  for await (const peer of server) {
    closing(t, peer);
    break;
  }
  if (server.closed) return;
  const [[peer]] = await Promise.all([once(server, 'connection'), client(t, server.address())]);
  closing(t, peer);
  await eventually(() => server.connections === 2);
});
