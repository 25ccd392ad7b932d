'use strict';
// When received messages are delivered, held or discarded: without a 'data' listener, while paused, at the end.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, eventually, openFds, runChild, sockPath } = require('../../helpers');
const {
  client,
  closing,
  connected,
  logged,
  messages,
  numberOf,
  numbered,
  pair,
  post,
  range,
  sent,
  serve,
  texts,
  turns,
} = require('../../helpers/sockets');

const options = { timeout: deadline };

for (const type of ['seqpacket', 'dgram']) {
  describe(type, () => {
    test("messages that arrive without a 'data' listener are held for the first listener", options, async (t) => {
      const [a, b] = pair(t, type);
      const done = range(50).map((i) => sent(a, String(i)));
      await turns();
      assert.deepStrictEqual(await texts(b, 50), range(50).map(String));
      await Promise.all(done);
    });

    test(
      'messages that arrive after the last listener was removed are held for the next listener',
      options,
      async (t) => {
        const [a, b] = pair(t, type);
        for (const round of range(5)) {
          for (const i of range(5)) post(a, `${round}.${i}`);
          await turns();
          assert.deepStrictEqual(await texts(b, 2), [`${round}.0`, `${round}.1`]);
          await turns();
          assert.deepStrictEqual(await texts(b, 3), [`${round}.2`, `${round}.3`, `${round}.4`]);
        }
      },
    );

    test("await once(socket, 'data') in a loop gets every message", options, async (t) => {
      const [a, b] = pair(t, type);
      for (const i of range(100)) post(a, String(i));
      for (const i of range(100)) {
        const [data] = await once(b, 'data');
        assert.strictEqual(data.toString(), String(i));
        if (i % 10 === 0) await turns(2);
      }
    });

    test('messages that arrive after pause() are held until resume()', options, async (t) => {
      const [a, b] = pair(t, type);
      const log = logged(b, 'data');
      b.pause();
      for (const i of range(5)) post(a, String(i));
      await turns();
      assert.deepStrictEqual(log, []);
      b.resume();
      await eventually(() => log.length === 5);
      assert.deepStrictEqual(
        log,
        range(5).map((i) => `data ${i}`),
      );
    });

    test("a new 'data' listener does not resume a paused socket", options, async (t) => {
      const [a, b] = pair(t, type);
      b.pause();
      post(a, 'x');
      const log = logged(b, 'data');
      await turns();
      assert.deepStrictEqual(log, []);
      b.resume();
      await eventually(() => log.length === 1);
    });

    test(
      'a socket that does not deliver holds at most about 256 KiB; the other messages stay with the sender',
      options,
      async (t) => {
        for (const way of ['no listener', 'paused']) {
          const [a, b] = pair(t, type);
          if (way === 'paused') b.pause().on('data', () => assert.fail('paused'));
          for (const i of range(4000)) post(a, numbered(i));
          await turns(50);
          // 4 MB less one socket buffer and about 256 KiB held by the process
          assert.ok(a.writableLength > 3e6, `${way}: only ${a.writableLength} bytes wait with the sender`);
          if (way === 'paused') continue;
          const got = (await messages(b, 4000)).map(({ data }) => numberOf(data));
          assert.deepStrictEqual(got, range(4000));
        }
      },
    );

    test("close() in the middle of a batch: no 'data' and no 'end' follow", options, async (t) => {
      const [a, b] = pair(t, type);
      for (const i of range(20)) post(a, String(i));
      a.close();
      const log = logged(b, 'data', 'end', 'close');
      b.on('data', (data) => data.toString() === '3' && b.close());
      await once(b, 'close');
      await turns();
      assert.deepStrictEqual(log, ['data 0', 'data 1', 'data 2', 'data 3', 'close']);
    });

    test("close() discards held messages and emits 'close'", options, async (t) => {
      const [a, b] = pair(t, type);
      for (const i of range(20)) post(a, String(i));
      await turns();
      b.close();
      await once(b, 'close');
      const log = logged(b, 'data', 'end');
      await turns();
      assert.deepStrictEqual(log, []);
    });

    describe('whether a socket keeps the process alive', { concurrency: true }, () => {
      // The timer is unref'ed, so it fires only if the socket keeps the process alive.
      const cases = {
        'with a listener: yes': { alive: true, prepare: (b) => b.on('data', () => {}) },
        'without a listener: yes': { alive: true, prepare: () => {} },
        'paused: yes': { alive: true, prepare: (b) => b.on('data', () => {}).pause() },
        "unref'ed: no": { alive: false, prepare: (b) => b.on('data', () => {}).unref() },
        "unref'ed and paused: no": { alive: false, prepare: (b) => b.pause().unref() },
        "unref'ed and ref'ed again: yes": { alive: true, prepare: (b) => b.unref().ref() },
        'closed: no': { alive: false, prepare: (b) => b.close() },
      };
      for (const [name, { alive, prepare }] of Object.entries(cases)) {
        test(name, options, async (t) => {
          const source = `const [a, b] = lib.createSocketPair('${type}');
            a.unref();
            (${prepare})(b);
            setTimeout(() => { console.log('alive'); process.exit(); }, 300).unref();`;
          const { code, stdout, stderr } = await runChild(t, source);
          assert.deepStrictEqual({ code, stdout, stderr }, { code: 0, stdout: alive ? 'alive\n' : '', stderr: '' });
        });
      }
    });
  });
}

test("'end' and 'close' follow after held messages are delivered", options, async (t) => {
  const { client: socket, peer } = await connected(t);
  for (const i of range(3)) await sent(socket, String(i));
  socket.end();
  await turns();
  const log = logged(peer, 'data', 'end', 'close');
  peer.on('end', () => peer.end());
  await once(peer, 'close');
  assert.deepStrictEqual(log, ['data 0', 'data 1', 'data 2', 'end', 'close']);
});

test("'end' and 'close' follow after a paused socket is resumed", options, async (t) => {
  const { client: socket, peer } = await connected(t);
  const log = logged(peer, 'data', 'end', 'close');
  peer.pause();
  for (const i of range(3)) await sent(socket, String(i));
  socket.destroy();
  await once(socket, 'close');
  await turns();
  assert.deepStrictEqual(log, []);
  peer.resume();
  await once(peer, 'close');
  assert.deepStrictEqual(log, ['data 0', 'data 1', 'data 2', 'end', 'close']);
});

test("pause() at the last message delays 'end' until resume()", options, async (t) => {
  const { client: socket, peer } = await connected(t);
  const log = logged(peer, 'data', 'end');
  peer.on('data', () => peer.pause());
  await sent(socket, '0');
  socket.end();
  await eventually(() => log.length > 0);
  await turns();
  assert.deepStrictEqual(log, ['data 0']);
  const end = once(peer, 'end');
  peer.resume();
  await end;
});

test("a 'data' listener added after an await in 'connection' gets every message", options, async (t) => {
  const server = serve(t);
  const got = new Promise((resolve) => {
    server.on('connection', async (peer) => {
      closing(t, peer);
      await turns(10);
      const log = logged(peer, 'data', 'end');
      peer.once('end', () => resolve(log));
    });
  });
  const socket = client(t, server.address());
  for (const i of range(3)) socket.write(String(i));
  socket.end();
  assert.deepStrictEqual(await got, ['data 0', 'data 1', 'data 2', 'end']);
});

describe("held messages of a connection that never had a 'data' listener, after its peer has ended", () => {
  for (const event of ['end', 'close']) {
    test(`are discarded if there is a listener for '${event}'`, options, async (t) => {
      const { client: socket, peer } = await connected(t);
      const log = logged(peer, event);
      peer.on(event, () => peer.destroy());
      for (const i of range(3)) await sent(socket, String(i));
      await turns();
      assert.deepStrictEqual(log, []);
      if (event === 'end') socket.end();
      else {
        peer.end();
        socket.end();
      }
      await once(peer, 'close');
      assert.strictEqual(log[0], event);
    });

    test(`are discarded if a listener for '${event}' is added after the peer has ended`, options, async (t) => {
      const { client: socket, peer } = await connected(t);
      await sent(socket, 'x');
      socket.end();
      peer.end();
      await turns();
      await once(peer, event);
    });
  }

  test("are kept if there was a 'data' listener before", options, async (t) => {
    const { client: socket, peer } = await connected(t);
    await sent(socket, '0');
    assert.deepStrictEqual(await texts(peer, 1), ['0']);
    const log = logged(peer, 'end', 'close');
    for (const i of [1, 2]) await sent(socket, String(i));
    socket.end();
    await turns();
    assert.deepStrictEqual(log, []);
    assert.deepStrictEqual(await texts(peer, 2), ['1', '2']);
    if (log.length === 0) await once(peer, 'end');
  });

  test("are kept if there is no listener for 'end' or 'close'", options, async (t) => {
    const { client: socket, peer } = await connected(t);
    for (const i of range(3)) await sent(socket, String(i));
    socket.end();
    await turns();
    assert.deepStrictEqual(await texts(peer, 3), ['0', '1', '2']);
  });

  test('are kept while the peer has not ended', options, async (t) => {
    const { client: socket, peer } = await connected(t);
    peer.on('end', () => {}).on('close', () => {});
    for (const i of range(3)) await sent(socket, String(i));
    await turns();
    assert.deepStrictEqual(await texts(peer, 3), ['0', '1', '2']);
  });

  test('are kept if an iterator or a Duplex reads them', options, async (t) => {
    for (const reader of [(peer) => peer, (peer) => peer.toDuplex()]) {
      const { client: socket, peer } = await connected(t);
      peer.on('close', () => {});
      const source = reader(peer)[Symbol.asyncIterator]();
      const first = source.next();
      for (const i of range(3)) await sent(socket, String(i));
      socket.end();
      await turns();
      assert.strictEqual((await first).value.toString(), '0');
      for (const i of ['1', '2']) assert.strictEqual((await source.next()).value.toString(), i);
      assert.strictEqual((await source.next()).done, true);
    }
  });
});

test("connections wait while a server has no 'connection' listener, and keep their messages", options, async (t) => {
  const server = serve(t, { path: sockPath(t) });
  const before = openFds();
  const clients = range(5).map(() => client(t, server.address()));
  await Promise.all(clients.map((socket, i) => sent(socket, String(i))));
  await turns();
  assert.deepStrictEqual([openFds(), server.connections], [before + 5, 0]);
  for (const i of range(5)) {
    const [peer] = await once(server, 'connection');
    closing(t, peer);
    await turns();
    assert.strictEqual(server.connections, i + 1);
    assert.deepStrictEqual(await texts(peer, 1), [String(i)]);
  }
});
