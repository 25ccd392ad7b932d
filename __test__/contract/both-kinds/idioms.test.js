'use strict';
// The documented idioms inside try, catch and finally, with a peer that leaves: the failure is caught, and the process
// lives. Each test runs in a process of its own, which an uncaught exception would end.

const assert = require('node:assert');
const { once } = require('node:events');
const { Readable, Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { setTimeout: sleep } = require('node:timers/promises');
const { python, sockPath } = require('../../helpers');
const { isolated } = require('../../helpers/isolated');
const {
  abstractName,
  closed,
  closing,
  dgram,
  fill,
  numbered,
  pair,
  range,
  serve,
  turns,
} = require('../../helpers/sockets');

const BROKEN = ['EPIPE', 'ECONNRESET'];

/** Accepts connections of Python clients that run `source` with the socket `s`. */
async function served(t, source, serveOne) {
  const server = serve(t);
  const script = `import socket, sys, os, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
def kill(): os.kill(os.getpid(), 9)
def wait(): sys.stdin.readline()
${source}`;
  const child = python(t, script, [server.address()]);
  const [socket] = await once(server, 'connection');
  closing(t, socket);
  await serveOne(socket, child);
  await closed(socket);
  server.close();
}

/** Runs `body`, which must fail, as programs do. Returns the code of the error. */
async function caught(socket, body) {
  let code;
  try {
    await body();
    assert.fail('did not fail');
  } catch (err) {
    if (err.code === 'ERR_ASSERTION') throw err;
    code = err.code;
  } finally {
    socket.close();
  }
  return code;
}

const clients = {
  'is killed with unread replies': "s.send(b'request'); wait(); kill()",
  'closes with unread replies': "s.send(b'request'); wait()",
  'reads some replies and is killed':
    "[s.send(b'request') for _ in range(2)]; s.recv(10000); s.recv(10000); wait(); kill()",
  'half-closes, then is killed': "s.send(b'request'); s.shutdown(socket.SHUT_WR); wait(); kill()",
  'sends many requests and is killed': "[s.send(b'request') for _ in range(50)]; wait(); kill()",
  'shuts its read side down': "s.send(b'request'); s.shutdown(socket.SHUT_RD); wait()",
};

for (const [what, source] of Object.entries(clients)) {
  isolated(`for await over a connection whose peer ${what}`, (t) =>
    served(t, source, async (socket, child) => {
      const code = await caught(socket, async () => {
        for await (const _ of socket) {
          for (const i of range(100)) socket.write(numbered(i, 5000));
          child.send('leave\n');
        }
        assert.ok(what.startsWith('half-closes'), 'the loop ended');
        await once(socket, 'drain');
      });
      assert.ok(BROKEN.includes(code), code);
    }),
  );

  isolated(`await once(socket, 'drain') in a loop over a connection whose peer ${what}`, (t) =>
    served(t, source, async (socket, child) => {
      const code = await caught(socket, async () => {
        for await (const _ of socket) {
          while (socket.write(numbered(0, 5000)));
          child.send('leave\n');
          for (;;) {
            await once(socket, 'drain');
            while (socket.write(numbered(0, 5000)));
          }
        }
      });
      assert.ok(BROKEN.includes(code), code);
    }),
  );

  isolated(`a pipeline into the stream of a connection whose peer ${what}`, (t) =>
    served(t, source, async (socket, child) => {
      const source = Readable.from(
        (function* () {
          for (let i = 0; ; i++) {
            if (i === 20) child.send('leave\n');
            yield numbered(i, 5000);
          }
        })(),
      );
      const code = await caught(socket, () => pipeline(source, socket.toDuplex()));
      assert.ok([...BROKEN, 'ERR_STREAM_PREMATURE_CLOSE'].includes(code), code);
    }),
  );

  isolated(`an echo pipeline over a connection whose peer ${what}`, (t) =>
    served(t, source, async (socket, child) => {
      const stream = socket.toDuplex();
      child.send('leave\n');
      await pipeline(stream, stream).catch((err) => assert.ok(typeof err.code === 'string', err));
      socket.close();
    }),
  );
}

isolated('an error between two calls of next(), and others before the first is taken', async (t) => {
  const receivers = range(2).map(() => dgram(t, abstractName(), { paused: true }));
  const socket = dgram(t, sockPath(t));
  socket.send('to itself', socket.address());
  const code = await caught(socket, async () => {
    for await (const _ of socket) {
      for (const receiver of receivers) fill(socket, 1000, receiver.address());
      for (const receiver of receivers) {
        for (const i of range(50)) socket.send(numbered(i), receiver.address());
        receiver.close();
        await sleep(20);
      }
      socket.send('x', sockPath(t));
      await turns();
    }
  });
  assert.strictEqual(code, 'ECONNREFUSED');
});

isolated('errors after a loop has thrown, while catch waits', async (t) => {
  const receiver = dgram(t, abstractName(), { paused: true });
  const socket = dgram(t, sockPath(t));
  const failed = [];
  try {
    socket.send('to itself', socket.address());
    for await (const _ of socket) {
      fill(socket, 1000, receiver.address());
      socket.send('x', sockPath(t));
    }
  } catch (err) {
    failed.push(err.code);
    receiver.close();
    while (socket.writableLength > 0) await turns(1);
    await turns();
  }
  // The next loop throws the error that nothing has listened to.
  try {
    for await (const _ of socket) assert.fail('a message');
  } catch (err) {
    failed.push(err.code);
  } finally {
    socket.close();
  }
  assert.deepStrictEqual(failed, ['ENOENT', 'ECONNREFUSED']);
});

for (const how of ['break', 'return()', 'throw()']) {
  isolated(`an error right after a loop was left by ${how}`, async (t) => {
    const socket = dgram(t, sockPath(t));
    socket.send('to itself', socket.address());
    if (how === 'break') {
      for await (const _ of socket) {
        socket.send('x', sockPath(t));
        break;
      }
    } else {
      const iterator = socket[Symbol.asyncIterator]();
      await iterator.next();
      socket.send('x', sockPath(t));
      if (how === 'return()') await iterator.return();
      else await assert.rejects(iterator.throw(new Error('thrown')), /thrown/);
    }
    assert.strictEqual(socket.listenerCount('error'), 0);
    await turns();
    const code = await caught(socket, async () => {
      for await (const _ of socket) assert.fail('a message');
    });
    assert.strictEqual(code, 'ENOENT');
  });
}

isolated('an error that comes before break: the next loop throws', async (t) => {
  const socket = dgram(t, sockPath(t));
  socket.send('to itself', socket.address());
  for await (const _ of socket) {
    socket.send('x', sockPath(t));
    await turns();
    break;
  }
  const code = await caught(socket, async () => {
    for await (const _ of socket) assert.fail('a message');
  });
  assert.strictEqual(code, 'ENOENT');
});

isolated('a connection that breaks between two loops: the second loop throws', async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  b.write('one');
  for await (const _ of a) break;
  a.write('unread');
  b.destroy();
  a.write('x');
  await closed(a);
  const code = await caught(a, async () => {
    for await (const _ of a) assert.fail('a message');
  });
  assert.ok(BROKEN.includes(code), code);
  for await (const _ of a) assert.fail('thrown once only');
});

isolated('a loop that fails while requests are unread: the socket closes even if the program does not close it', (t) =>
  served(t, clients['sends many requests and is killed'], async (socket, child) => {
    const close = once(socket, 'close').catch(() => once(socket, 'close'));
    await assert.rejects(
      (async () => {
        for await (const _ of socket) {
          fill(socket);
          socket.write('reply');
          child.send('leave\n');
          await once(socket, 'drain').catch(() => {});
        }
      })(),
      (err) => BROKEN.includes(err.code),
    );
    await close;
  }),
);

isolated('a listener gets the errors after a loop', async (t) => {
  const socket = dgram(t, sockPath(t));
  socket.send('to itself', socket.address());
  for await (const _ of socket) break;
  const error = once(socket, 'error');
  socket.send('x', sockPath(t));
  assert.strictEqual((await error)[0].code, 'ENOENT');
  socket.close();
});

isolated("an 'error' without a listener is an uncaught exception if the program does not iterate", async (t) => {
  const socket = dgram(t);
  const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve));
  socket.send('x', sockPath(t));
  assert.strictEqual((await uncaught).code, 'ENOENT');
  assert.strictEqual(socket.closed, false);
});

isolated("await once(socket, 'drain') of a datagram socket whose receivers are closed", async (t) => {
  const receivers = range(3).map(() => dgram(t, abstractName(), { paused: true }));
  const socket = dgram(t, undefined, { writableHighWaterMark: 10000 });
  const code = await caught(socket, async () => {
    for (const receiver of receivers) while (socket.send(numbered(0), receiver.address()));
    for (const receiver of receivers) receiver.close();
    await once(socket, 'drain');
  });
  assert.strictEqual(code, 'ECONNREFUSED');
});

isolated("a loop that sends to a closed receiver and awaits 'drain'", async (t) => {
  const receiver = dgram(t, abstractName());
  const name = receiver.address();
  receiver.close();
  const socket = dgram(t);
  const code = await caught(socket, async () => {
    for (;;) {
      while (socket.send('x', name));
      await once(socket, 'drain');
    }
  });
  assert.strictEqual(code, 'ECONNREFUSED');
});

isolated('for await over a server: clients that leave at once, and an error of the server', async (t) => {
  const server = serve(t);
  const source = `import socket, sys
for i in range(200):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(sys.argv[1])
    s.send(b'request')
    s.close()
print('done')`;
  const child = python(t, source, [server.address()]);
  const handle = async (socket) => {
    try {
      for await (const _ of socket) for (const i of range(100)) socket.write(numbered(i));
    } catch (err) {
      assert.ok(BROKEN.includes(err.code), err.code);
    } finally {
      socket.destroy();
    }
  };
  const handled = [];
  const done = child.line().then(() => server.emit('error', new Error('of the server')));
  const loop = (async () => {
    for await (const socket of server) handled.push(handle(socket));
  })();
  await assert.rejects(loop, /of the server/);
  await done;
  await Promise.all(handled);
  server.close();
});

isolated("allowHalfOpen false: a listener of 'end' that throws does not keep the socket open", async (t) => {
  const [a, b] = pair(t, 'seqpacket', { allowHalfOpen: false });
  const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve));
  a.on('end', () => {
    throw new Error('in a listener');
  });
  b.on('data', () => {});
  b.end();
  await Promise.all([closed(a), closed(b)]);
  assert.strictEqual((await uncaught).message, 'in a listener');
});

isolated('a stream that is written to after its socket has failed', async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  const stream = a.toDuplex();
  const errors = [];
  stream.on('error', (err) => errors.push(err.code));
  b.destroy();
  stream.write('one');
  stream.write('two');
  await closed(stream);
  stream.write('three');
  await turns();
  assert.strictEqual(errors.length, 1);
  const [c, d] = pair(t, 'seqpacket');
  const sink = new Writable({ objectMode: true, write: (_chunk, _encoding, callback) => callback() });
  d.destroy();
  await pipeline(c.toDuplex(), sink);
});
