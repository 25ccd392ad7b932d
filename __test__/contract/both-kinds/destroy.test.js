'use strict';
// destroy() and close() in every listener and callback, methods of closed sockets, and re-entrant calls.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { deadline, once, eventually, openFds, sockPath } = require('../../helpers');
const {
  client,
  closed,
  closing,
  connected,
  dgram,
  fill,
  logged,
  messages,
  pair,
  post,
  range,
  sent,
  serve,
  texts,
  turns,
} = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };

describe('destroy', () => {
  test(
    "destroy(err) returns the socket and emits 'error', then 'close'; later calls have no effect",
    options,
    async (t) => {
      const { client: a } = await connected(t);
      const log = logged(a);
      assert.strictEqual(a.destroy(new Error('first')), a);
      assert.deepStrictEqual([a.destroyed, a.closed, log.length], [true, true, 0]);
      assert.strictEqual(a.destroy(new Error('second')), a);
      a.close();
      await closed(a);
      await turns();
      assert.deepStrictEqual(log, ['error first', 'close']);
    },
  );

  /** Each function makes socket `a` emit the event, or run the callback, in which the test destroys `a`. */
  const ways = {
    data(_a, b) {
      for (const i of range(5)) b.write(String(i));
    },
    end: (_a, b) => b.end('x'),
    'a write callback': (a, _b, destroy) => a.write('x', (_err) => destroy()),
    'a late write callback': (a, b, destroy) => {
      b.pause();
      fill(a);
      a.write('x', (_err) => destroy());
      b.resume().on('data', () => {});
    },
    drain: (a, b) => {
      b.pause();
      while (a.write(Buffer.alloc(1000)));
      b.resume().on('data', () => {});
    },
    'the callback of end()': (a, _b, destroy) => a.end(() => destroy()),
    error: (a) => a.write(Buffer.alloc(a.getSendBufferSize() * 2)),
    close: (a) => a.close(),
  };
  for (const [name, begin] of Object.entries(ways)) {
    test(`destroy() in ${name}: 'close' follows once, and no other event`, options, async (t) => {
      const [a, b] = pair(t, 'seqpacket');
      const log = [];
      const destroy = () => {
        log.push(name);
        a.destroy();
      };
      a.on(name, destroy);
      for (const event of ['data', 'end', 'drain', 'error'])
        if (event !== name) a.on(event, () => a.destroyed && log.push(event));
      a.on('close', () => log.push('close'));
      b.on('error', () => {});
      begin(a, b, destroy);
      await closed(a);
      await turns();
      assert.deepStrictEqual(log, [name, 'close']);
    });
  }

  test("destroy() in 'connect', in its callback and in 'connection' closes the connection", options, async (t) => {
    const server = serve(t);
    server.on('connection', (peer) => peer.destroy());
    for (const where of ['event', 'callback', 'connection']) {
      const socket = closing(t, new lib.SeqpacketSocket());
      socket.on('data', () => assert.fail('data')).on('error', () => {});
      if (where === 'event') socket.on('connect', () => socket.destroy());
      socket.connect(server.address(), () => where === 'callback' && socket.destroy());
      if (where === 'connection') socket.on('end', () => socket.end());
      await closed(socket);
    }
    assert.strictEqual(server.connections, 0);
  });

  test("a socket that closed itself throws ERR_SOCKET_CLOSED even before it emits 'close'", options, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    b.on('data', () => {});
    const close = once(b, 'close');
    a.write('last');
    a.destroy();
    await once(b, 'end');
    while (b.fd >= 0) await turns(1); // the descriptor is closed when the peer has gone
    const calls = ['getSendBufferSize', 'setRecvBufferSize', 'address', 'peerCredentials', 'getInternalReadBufferSize'];
    for (const call of calls) assert.throws(() => b[call](4096), { code: 'ERR_SOCKET_CLOSED' }, call);
    await close;
  });

  test('a destroyed socket does not touch a file that reuses its descriptor number', options, async (t) => {
    const content = Buffer.alloc(1000, 'the content of a file');
    const path = sockPath(t, 'file');
    fs.writeFileSync(path, content);
    for (const type of ['seqpacket', 'dgram']) {
      const [a, b] = pair(t, type);
      for (const i of range(10)) post(a, String(i));
      const got = [];
      const reused = new Promise((resolve) => {
        b.on('data', (data) => {
          got.push(data.toString());
          const number = b.fd;
          b.close();
          setImmediate(() => {
            const fds = [];
            while (fds.length < 50 && !fds.includes(number)) fds.push(fs.openSync(path, 'r+'));
            resolve(fds);
          });
        });
      });
      const fds = await reused;
      b.ref().unref().close();
      await turns();
      assert.deepStrictEqual(got, ['0']);
      for (const fd of fds) {
        assert.deepStrictEqual(fs.readFileSync(fd), content); // from the current position: nothing else has read
        fs.closeSync(fd);
      }
    }
  });
});

describe('a closed socket', () => {
  const calls = {
    SeqpacketSocket: {
      throws: [
        'connect',
        'write',
        'address',
        'remoteAddress',
        'peerCredentials',
        'getRecvBufferSize',
        'getSendBufferSize',
      ],
      harmless: ['ref', 'unref', 'close', 'destroy', 'end', 'pause', 'resume'],
    },
    DgramSocket: {
      throws: ['bind', 'send', 'sendTo', 'connect', 'disconnect', 'address', 'getRecvBufferSize', 'getSendBufferSize'],
      harmless: ['ref', 'unref', 'close', 'pause', 'resume'],
    },
    SeqpacketServer: { throws: ['listen', 'address'], harmless: ['ref', 'unref', 'close'] },
  };
  const args = { connect: ['/x'], write: ['x'], bind: ['/x'], send: ['x', '/x'], listen: ['/x'] };
  args.sendTo = [Buffer.from('x'), 0, 1, '/x'];

  for (const [name, { throws, harmless }] of Object.entries(calls)) {
    test(
      `${name}: methods that need the descriptor throw ERR_SOCKET_CLOSED, the others do nothing`,
      options,
      async () => {
        const socket = new lib[name]();
        socket.close();
        for (const when of ['at once', 'after close']) {
          for (const method of throws) {
            const error = { code: 'ERR_SOCKET_CLOSED', message: new RegExp(`${name} has been (closed|destroyed)`) };
            assert.throws(() => socket[method](...(args[method] || [])), error, `${method} ${when}`);
          }
          for (const method of harmless) socket[method]();
          for (const size of ['setRecvBufferSize', 'setSendBufferSize', 'setInternalReadBufferSize']) {
            if (socket[size]) assert.throws(() => socket[size](10000), { code: 'ERR_SOCKET_CLOSED' }, size);
          }
          assert.strictEqual(socket.closed, true);
          if (when === 'at once') await once(socket, 'close');
        }
      },
    );
  }

  test("a socket that never connected emits only 'close' after destroy() and end()", options, async (t) => {
    const socket = closing(t, new lib.SeqpacketSocket());
    const log = logged(socket);
    socket.destroy();
    socket.end('x');
    await closed(socket);
    await turns();
    assert.deepStrictEqual(log, ['close']);
  });

  test("dgram: close(cb) returns before the callback runs and 'close' is emitted", options, async (t) => {
    const socket = dgram(t, sockPath(t));
    const order = [];
    socket.on('close', () => order.push('close'));
    socket.close(() => order.push('callback'));
    order.push('returned');
    await eventually(() => order.length === 3);
    assert.deepStrictEqual(order[0], 'returned');
    assert.deepStrictEqual(order.slice(1).sort(), ['callback', 'close']);
  });

  test('1,000 connections, closed in five ways, leave no descriptor open', options, async (t) => {
    const server = serve(t);
    const before = openFds();
    const ends = [
      (a) => a.end(),
      (a) => a.destroy(),
      (_a, b) => b.destroy(),
      (a, b) => [a, b].map((socket) => socket.end()),
      (a) => a.close(),
    ];
    for (const round of range(50)) {
      const accepted = [];
      server.removeAllListeners('connection').on('connection', (peer) => accepted.push(peer));
      const clients = range(20).map(() => client({ after: () => {} }, server.address()));
      await eventually(() => accepted.length === 20);
      for (const [i, socket] of clients.entries()) {
        for (const each of [socket, accepted[i]])
          each
            .on('data', () => {})
            .on('error', () => {})
            .on('end', () => each.end());
        socket.write('x', (_err) => {});
        ends[(round + i) % ends.length](socket, accepted[i]);
      }
      await Promise.all([...clients, ...accepted].map(closed));
    }
    await eventually(() => openFds() === before);
    assert.strictEqual(server.connections, 0);
  });
});

describe('re-entrant calls', () => {
  test('a listener or callback that closes both sockets: both close', options, async (t) => {
    for (const type of ['seqpacket', 'dgram']) {
      for (const event of ['data', 'callback']) {
        const [a, b] = pair(t, type);
        const both = Promise.all([closed(a), closed(b)]);
        const closeAll = () => {
          for (const socket of [a, b]) socket.close();
        };
        b.on('data', event === 'data' ? closeAll : () => {});
        for (const _ of range(10)) post(a, 'x', (_err) => event === 'callback' && closeAll());
        await both;
      }
    }
  });

  test("a 'data' listener can reply, pause, resume, start a server and connect to it", options, async (t) => {
    const { client: a, peer: b } = await connected(t);
    const inner = new Promise((resolve) => {
      b.once('data', (data) => {
        b.pause();
        b.write(`re: ${data}`);
        const server = serve(t);
        server.on('connection', (peer) => resolve(closing(t, peer)));
        client(t, server.address()).write('inner');
        b.resume();
      });
    });
    a.write('x');
    assert.deepStrictEqual(await texts(a, 1), ['re: x']);
    assert.deepStrictEqual(await texts(await inner, 1), ['inner']);
  });

  test("close() of the server in 'connection' keeps that connection open", options, async (t) => {
    const server = serve(t);
    const connection = once(server, 'connection');
    server.on('connection', () => server.close());
    const socket = client(t, server.address());
    const [peer] = await connection;
    closing(t, peer);
    await sent(socket, 'x');
    assert.deepStrictEqual(await texts(peer, 1), ['x']);
  });

  test("a 'close' listener can bind a new socket to the same path, 1,000 times", options, async (t) => {
    const path = sockPath(t);
    let left = 1000;
    await new Promise((resolve) => {
      const next = () => {
        if (left-- === 0) return resolve();
        const socket = new lib.DgramSocket();
        socket.bind(path, { unlinkOnClose: true });
        socket.on('close', next);
        socket.close();
      };
      next();
    });
    const [a, b] = pair(t, 'dgram');
    post(a, 'x');
    assert.strictEqual((await messages(b, 1)).length, 1);
  });
});
