'use strict';
// How connections end: order of events, half-close, resets. The callback of end() is in end-callback.test.js, destroy() is in ../both-kinds/destroy.test.js.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, eventually, python } = require('../../helpers');
const {
  client,
  closed,
  closing,
  connected,
  failure,
  fill,
  logged,
  pair,
  range,
  sent,
  serve,
  texts,
  turns,
} = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };

describe('end', () => {
  test('after end() the other direction continues; when both have ended, both close', options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    const [ofA, ofB] = [logged(a), logged(b)];
    const both = Promise.all([closed(a), closed(b)]);
    a.end('question', () => ofA.push('end()'));
    await once(b, 'end');
    assert.deepStrictEqual([a.closed, b.closed], [false, false]);
    await sent(b, 'answer');
    await eventually(() => ofA.includes('data answer'));
    b.end(() => ofB.push('end()'));
    await both;
    assert.deepStrictEqual(ofA, ['end()', 'data answer', 'end', 'close']);
    assert.deepStrictEqual(ofB.slice(0, 2), ['data question', 'end']);
    assert.deepStrictEqual(ofB.slice(2).sort(), ['close', 'end()']);
    assert.deepStrictEqual([a.destroyed, b.destroyed], [true, true]);
  });

  test(
    '_state() returns 1 when open, 2 while end() is pending, 3 after shutdown, 5 when closed',
    options,
    async (t) => {
      const { client: a } = await connected(t);
      assert.strictEqual(a._state(), 1);
      const shut = new Promise((resolve) => a.on('_shutdown', resolve));
      a.end();
      assert.ok([2, 3].includes(a._state()));
      await shut;
      assert.strictEqual(a._state(), 3);
      a.destroy();
      assert.strictEqual(a._state(), 5);
    },
  );

  test('each callback of end() runs once', options, async (t) => {
    const { client: a } = await connected(t);
    const called = [];
    const last = new Promise((resolve) => {
      a.end(() => called.push(1));
      a.end(() => called.push(2));
      a.end();
      a.end(() => resolve(called.push(3)));
    });
    await last;
    await new Promise((resolve) => a.end(() => resolve(called.push(4))));
    assert.deepStrictEqual(called, [1, 2, 3, 4]);
  });

  test("queued messages and the message of end() arrive before 'end'", options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    b.pause();
    const count = fill(a, 1000);
    const order = [];
    for (const i of range(100)) a.write(String(i), (_err) => order.push(i));
    a.end(['the', ' end'], () => order.push('end'));
    const got = texts(b, count + 101);
    const end = once(b, 'end');
    b.resume();
    assert.deepStrictEqual((await got).slice(count), [...range(100).map(String), 'the end']);
    b.on('data', () => assert.fail('more'));
    await end;
    await eventually(() => order.length === 101);
    assert.deepStrictEqual(order, [...range(100), 'end']);
  });

  test("corked messages arrive before 'end'", options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    a.cork();
    for (const i of range(5)) a.write(String(i));
    a.end('last');
    assert.deepStrictEqual(await texts(b, 6), ['0', '1', '2', '3', '4', 'last']);
    b.on('data', () => assert.fail('more'));
    await once(b, 'end');
  });

  test('write() after end() fails and sends nothing; the socket still receives', options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    a.end('last');
    const error = await failure(a, () => a.write('late', (err) => a.emit('error', err)));
    assert.strictEqual(typeof error.code, 'string');
    assert.deepStrictEqual(await texts(b, 1), ['last']);
    b.on('data', () => assert.fail('more'));
    await once(b, 'end');
    assert.strictEqual(a.closed, false);
    await sent(b, 'still');
    assert.deepStrictEqual(await texts(a, 1), ['still']);
  });

  test(
    "end() in a listener of 'end': the socket closes in a later turn, and write() fails with EPIPE until then",
    options,
    async (t) => {
      const [a, b] = pair(t, 'seqpacket');
      const log = logged(b, 'end', '_shutdown', 'error', 'close');
      b.on('data', () => {});
      b.on('end', () => {
        b.end();
        setImmediate(() => {
          log.push(b.closed, b.peerCredentials().pid === process.pid, b.write('late'));
        });
      });
      a.on('data', () => {});
      a.end();
      await closed(b);
      assert.deepStrictEqual(log, ['end', false, true, false, '_shutdown', 'error EPIPE', 'close']);
    },
  );

  test("end() on both sockets at once: both get the message, 'end' and 'close'", options, async (t) => {
    for (const _ of range(20)) {
      const [a, b] = pair(t, 'seqpacket');
      const logs = [logged(a), logged(b)];
      const both = Promise.all([closed(a), closed(b)]);
      a.end('from a');
      b.end('from b');
      await both;
      assert.deepStrictEqual(logs, [
        ['data from b', 'end', 'close'],
        ['data from a', 'end', 'close'],
      ]);
    }
  });
});

describe('allowHalfOpen', () => {
  test('false: this side ends after its queued messages, once the peer has ended', options, async (t) => {
    const server = serve(t, { socket: { allowHalfOpen: false } });
    const socket = client(t, server.address());
    const [peer] = await once(server, 'connection');
    const logs = [logged(closing(t, peer)), logged(socket)];
    socket.pause();
    const count = fill(peer);
    peer.on('end', () => peer.write('last')); // a listener can still write
    socket.end('bye');
    await once(peer, 'end');
    socket.resume();
    await Promise.all([closed(peer), closed(socket)]);
    assert.deepStrictEqual(logs[0], ['data bye', 'end', 'close']);
    assert.strictEqual(logs[1].filter((line) => line.startsWith('data')).length, count + 1);
    assert.deepStrictEqual(logs[1].slice(-3), ['data last', 'end', 'close']);
    assert.strictEqual(server.connections, 0);
  });

  test('false: of a client, of a pair, and of an adopted descriptor', options, async (t) => {
    const server = serve(t);
    const socket = closing(t, new lib.SeqpacketSocket({ allowHalfOpen: false }));
    socket.connect(server.address());
    const [peer] = await once(server, 'connection');
    const [a, b] = pair(t, 'seqpacket', { allowHalfOpen: false });
    for (const [each, other] of [
      [socket, closing(t, peer)],
      [a, b],
    ]) {
      const both = Promise.all([closed(each), closed(other)]);
      for (const one of [each, other]) one.on('data', () => {});
      other.end();
      await both;
    }
  });

  test('false: a socket without a listener ends', options, async (t) => {
    const [a, b] = pair(t, 'seqpacket', { allowHalfOpen: false });
    b.on('data', () => {});
    b.end();
    await closed(b);
    await eventually(() => a.closed);
  });

  test('true, the default: this side stays open', options, async (t) => {
    for (const socketOptions of [undefined, {}, { allowHalfOpen: true }]) {
      const [a, b] = pair(t, 'seqpacket', socketOptions);
      a.on('data', () => {});
      b.end();
      await once(a, 'end');
      await turns();
      assert.strictEqual(a._state(), 1);
      await sent(a, 'still');
    }
  });

  test('of another type throws', options, () => {
    assert.throws(() => new lib.SeqpacketSocket({ allowHalfOpen: 1 }), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => new lib.SeqpacketServer().listen({ path: '\0x', socket: { allowHalfOpen: 'no' } }), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });
});

describe('when the peer closes', () => {
  test("its messages are delivered, then 'end' and 'close' are emitted", options, async (t) => {
    const { server, client: a, peer: b } = await connected(t);
    const log = logged(b);
    for (const i of range(3)) await sent(a, String(i));
    a.destroy();
    await closed(b);
    assert.deepStrictEqual(log, ['data 0', 'data 1', 'data 2', 'end', 'close']);
    assert.strictEqual(server.connections, 0);
  });

  test('with unread messages: its last messages are delivered, then ECONNRESET, then close', options, async (t) => {
    const server = serve(t);
    const child = python(
      t,
      `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
sys.stdin.readline()
for i in range(3): s.send(b'last %d' % i)
s.close()
print('gone')`,
      [server.address()],
    );
    const [peer] = await once(server, 'connection');
    closing(t, peer).pause();
    const log = logged(peer);
    await sent(peer, 'unread');
    child.send('go\n');
    await child.line();
    peer.resume();
    await closed(peer);
    assert.deepStrictEqual(log, ['data last 0', 'data last 1', 'data last 2', 'error ECONNRESET', 'close']);
  });

  test("because it was killed: its messages are delivered, then 'end' and 'close' are emitted", options, async (t) => {
    const server = serve(t);
    const child = python(
      t,
      'import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1]); s.send(b"x"); sys.stdin.read()',
      [server.address()],
    );
    const [peer] = await once(server, 'connection');
    const log = logged(closing(t, peer));
    await once(peer, 'data');
    child.kill();
    await closed(peer);
    assert.deepStrictEqual(log, ['data x', 'end', 'close']);
  });

  test('while messages are queued: each callback gets an error, in order', options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    b.pause();
    a.on('error', () => {});
    fill(a);
    const order = [];
    const done = range(50).map((i) => sent(a, String(i)).catch((err) => order.push([i, typeof err.code])));
    b.destroy();
    await Promise.all(done);
    assert.deepStrictEqual(
      order,
      range(50).map((i) => [i, 'string']),
    );
    await closed(a);
  });

  test('a later write() passes an error to its callback and raises no SIGPIPE', options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    a.pause();
    a.on('error', () => {});
    b.destroy();
    await closed(b);
    await assert.rejects(sent(a, 'x'), (err) => ['EPIPE', 'ECONNRESET', 'ERR_SOCKET_CLOSED'].includes(err.code));
    a.resume().on('data', () => {});
    await closed(a);
  });

  test("without having accepted: 'error' with ECONNRESET of connect, then 'close'", options, async (t) => {
    const server = serve(t);
    const socket = client(t, server.address());
    const log = [];
    socket.on('error', (err) => log.push([err.code, err.syscall, /EBADF/.test(err.message)]));
    socket.on('data', () => {});
    server.close();
    await closed(socket);
    assert.deepStrictEqual(log, [['ECONNRESET', 'connect', true]]);
  });
});
