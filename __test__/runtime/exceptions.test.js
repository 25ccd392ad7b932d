'use strict';
// Exceptions in listeners and callbacks reach 'uncaughtException' in order and affect nothing else.

const assert = require('node:assert');
const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const { EventEmitter, once } = require('node:events');
const { openFds, runChild, sockPath } = require('../helpers');
const { isolated } = require('../helpers/isolated');
const { lib } = require('../helpers/lib');
const { noteWithQueues, orderly } = require('../helpers/queues');
const { closing, connected, dgram, fill, pair, post, range, serve, turns } = require('../helpers/sockets');

const context = new AsyncLocalStorage();

/** Ways to fail in a listener; each must reach 'uncaughtException' once, before the next message. */
const failures = {
  'a listener throws': () => {
    throw new Error('failure');
  },
  'a nextTick callback of a listener throws': () =>
    process.nextTick(() => {
      throw new Error('failure');
    }),
  'a microtask of a listener throws': () =>
    queueMicrotask(() => {
      throw new Error('failure');
    }),
  'an async listener rejects': async () => {
    throw new Error('failure');
  },
};

for (const [what, fail] of Object.entries(failures)) {
  for (const type of ['seqpacket', 'dgram']) {
    isolated(
      `${type}: ${what} in the middle of a batch: reported before the next message, nothing is lost`,
      async (t) => {
        const log = [];
        process.on('uncaughtException', ({ message }) => log.push(message));
        const [a, b] = context.run('mine', () => pair(t, type));
        for (const i of range(4)) post(a, String(i));
        await new Promise((resolve) => {
          b.on('data', (data) => {
            noteWithQueues(log, Number(data));
            log.push(context.getStore());
            if (Number(data) === 3) setImmediate(resolve);
            if (Number(data) === 1) return fail();
          });
        });
        const told = log.indexOf('failure');
        assert.ok(told > log.indexOf('event 1') && told < log.indexOf('event 2'), `order: ${log}`);
        log.splice(told, 1);
        assert.deepStrictEqual(
          log.filter((entry) => entry !== 'mine'),
          orderly(4),
        );
        assert.strictEqual(log.filter((entry) => entry === 'mine').length, 4);
      },
    );
  }
}

/** Event or callback -> a function that makes `fn` run there. */
const throwers = {
  connection: (t, fn) => {
    const server = serve(t).on('connection', (peer) => closing(t, peer));
    server.on('connection', fn);
    closing(t, new lib.SeqpacketSocket()).connect(server.address());
  },
  listening: (t, fn) => serve(t).on('listening', fn),
  drain: (t, fn) => {
    const [a, b] = pair(t, 'seqpacket', { writableHighWaterMark: 1 });
    fill(a.on('drain', fn));
    b.on('data', () => {});
  },
  close: (t, fn) => pair(t, 'seqpacket')[0].on('close', fn).close(),
  end: (t, fn) => {
    const [a, b] = pair(t, 'seqpacket');
    b.on('data', () => {}).on('end', fn);
    a.end();
  },
  error: (t, fn) => dgram(t).on('error', fn).send('x', sockPath(t)),
  'the callback of write': (t, fn) => pair(t, 'seqpacket')[0].write('x', fn),
  'the callback of end': (t, fn) => pair(t, 'seqpacket')[0].end(fn),
  'the callback of close': (t, fn) => dgram(t).close(fn),
  'the callback of listen': (t, fn) => closing(t, new lib.SeqpacketServer()).listen(sockPath(t), 5, fn),
};

for (const [what, provoke] of Object.entries(throwers)) {
  isolated(`an exception in ${what} is reported once; other sockets continue`, async (t) => {
    const told = [];
    const failed = new Promise((resolve) => {
      process.on('uncaughtException', ({ message }) => resolve(told.push(message)));
    });
    const { client, peer } = await connected(t);
    provoke(t, () => {
      throw new Error(what);
    });
    client.write('x');
    await Promise.all([failed, once(peer, 'data')]);
    await turns();
    assert.deepStrictEqual(told, [what]);
  });
}

isolated("an exception in a listener ends the process if there is no 'uncaughtException' listener", async (t) => {
  const { code, signal, stderr } = await runChild(t, () => {
    const [a, b] = lib.createSocketPair('seqpacket');
    b.on('data', () => {
      throw new Error('on purpose');
    });
    a.write('x');
  });
  assert.deepStrictEqual({ code, signal }, { code: 1, signal: null });
  assert.match(stderr, /Error: on purpose\n {4}at SeqpacketSocket\.<anonymous>/);
});

for (const type of ['seqpacket', 'dgram']) {
  isolated(
    `${type}: a nextTick callback that throws after each 'uncaughtException': timers run, messages arrive`,
    async (t) => {
      const fail = () => {
        throw new Error('again');
      };
      let reported = 0;
      let timers = 0;
      const got = [];
      const [a, b] = pair(t, type);
      // Node.js runs no microtasks while nextTick callbacks throw, so no promise is awaited before the end.
      await new Promise((resolve) => {
        process.on('uncaughtException', () => {
          reported++;
          if (got.length === 5 && timers === 2) resolve();
          else process.nextTick(fail);
        });
        const timer = setInterval(() => {
          if (++timers === 2) clearInterval(timer);
        }, 5);
        b.on('data', (data) => {
          if (got.push(Number(data)) === 1) process.nextTick(fail);
        });
        for (const i of range(5)) post(a, String(i));
      });
      assert.deepStrictEqual(got, range(5));
      assert.ok(reported > 1);
    },
  );
}

/** Functions of Node.js that the library calls when something arrives or closes. */
const builtins = {
  'Buffer.alloc': [Buffer, 'alloc'],
  'Buffer.allocUnsafeSlow': [Buffer, 'allocUnsafeSlow'],
  'Buffer.prototype.toString': [Buffer.prototype, 'toString'],
  'AsyncResource.prototype.runInAsyncScope': [AsyncResource.prototype, 'runInAsyncScope'],
  'AsyncResource.prototype.emitDestroy': [AsyncResource.prototype, 'emitDestroy'],
  'EventEmitter.init': [EventEmitter, 'init'],
  'EventEmitter.prototype.emit': [EventEmitter.prototype, 'emit'],
  'EventEmitter.prototype.listenerCount': [EventEmitter.prototype, 'listenerCount'],
};

for (const [name, [object, key]] of Object.entries(builtins)) {
  isolated(`${name} fails while the loop calls: the process and other sockets continue`, async (t) => {
    const reported = [];
    process.on('uncaughtException', (err) => reported.push(err.message));
    const before = openFds();
    for (const type of ['seqpacket', 'dgram']) {
      const [a, b] = pair(t, type);
      const [c, d] = pair(t, type);
      const server = serve(t).on('connection', (peer) => peer.close());
      server.on('error', () => {});
      const client = closing(t, new lib.SeqpacketSocket()).on('error', () => {});
      client.connect(server.address());
      b.on('data', () => {}).on('error', () => {});
      post(a, 'x');
      post(a, '');
      c.close();
      d.close();
      let calls = 0;
      const original = object[key];
      object[key] = function (...args) {
        if (this !== process && calls++ < 3) throw new Error('on purpose');
        return original.apply(this, args);
      };
      // Node.js itself calls these functions, too, so no promise is awaited and nothing is asserted meanwhile.
      await new Promise((resolve) => {
        let left = 5;
        const turn = () => {
          if (--left > 0) return setImmediate(turn);
          object[key] = original;
          resolve();
        };
        setImmediate(turn);
      });
      for (const socket of [a, b, server, client]) socket.close();
      const [e, f] = pair(t, type);
      post(e, 'alive');
      assert.strictEqual(String((await once(f, 'data'))[0]), 'alive');
      e.close();
      f.close();
      await turns();
    }
    assert.deepStrictEqual(
      reported.filter((message) => message !== 'on purpose'),
      [],
    );
    assert.strictEqual(openFds(), before);
  });
}
