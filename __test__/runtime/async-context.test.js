'use strict';
// Listeners and callbacks run as those of Node.js: nextTick queue and microtasks in between, AsyncLocalStorage,
// async_hooks.

const assert = require('node:assert');
const { AsyncLocalStorage, createHook, executionAsyncId, executionAsyncResource } = require('node:async_hooks');
const { once } = require('node:events');
const { sockPath } = require('../helpers');
const { isolated } = require('../helpers/isolated');
const { lib } = require('../helpers/lib');
const { noteWithQueues, orderly } = require('../helpers/queues');
const { closing, dgram, fill, pair, post, range, serve, turns } = require('../helpers/sockets');

// nextTick queue and microtasks.

for (const type of ['seqpacket', 'dgram']) {
  isolated(`${type}: the nextTick queue and microtasks run between the messages of a batch`, async (t) => {
    const [a, b] = pair(t, type);
    for (const i of range(20)) post(a, String(i));
    const log = [];
    await new Promise((resolve) => {
      b.on('data', (data) => {
        noteWithQueues(log, Number(data));
        if (Number(data) === 19) setImmediate(resolve);
      });
    });
    assert.deepStrictEqual(log, orderly(20));
  });
}

isolated('the nextTick queue and microtasks run between connections', async (t) => {
  const server = serve(t);
  for (const _ of range(10)) closing(t, new lib.SeqpacketSocket()).connect(server.address());
  const log = [];
  let count = 0;
  await new Promise((resolve) => {
    server.on('connection', (peer) => {
      closing(t, peer);
      noteWithQueues(log, count++);
      if (count === 10) setImmediate(resolve);
    });
  });
  assert.deepStrictEqual(log, orderly(10));
});

// AsyncLocalStorage.

const context = new AsyncLocalStorage();
const mine = (fn) => context.run('mine', fn);
const others = (fn) => context.run('other', fn);

/** Resolves to the store of a listener or callback; `when` gets the function to pass on. */
const storeOf = (when) => new Promise((resolve) => when(() => resolve(context.getStore())));
const storeAt = (emitter, event) => storeOf((fn) => emitter.once(event, fn));

/** Name -> a function that resolves to the store there. The socket was created, or the method called, in 'mine'. */
const places = {
  "'data' of a connection": (t) => {
    const [a, b] = mine(() => pair(t, 'seqpacket'));
    others(() => a.write('x'));
    return storeAt(b, 'data');
  },
  "'data' of a datagram socket": (t) => {
    const socket = mine(() => dgram(t, sockPath(t)));
    others(() => dgram(t).send('x', socket.address()));
    return storeAt(socket, 'data');
  },
  "'data' of a held message": async (t) => {
    const [a, b] = mine(() => pair(t, 'seqpacket'));
    a.write('x');
    await turns();
    return others(() => storeAt(b, 'data'));
  },
  "'data' after resume()": async (t) => {
    const [a, b] = mine(() => pair(t, 'seqpacket', { paused: true }));
    a.write('x');
    const seen = storeAt(b, 'data');
    await turns();
    others(() => b.resume());
    return seen;
  },
  "'listening'": (t) =>
    storeAt(
      mine(() => serve(t)),
      'listening',
    ),
  "'connection'": (t) => {
    const server = mine(() => serve(t));
    server.on('connection', (peer) => closing(t, peer));
    others(() => closing(t, new lib.SeqpacketSocket()).connect(server.address()));
    return storeAt(server, 'connection');
  },
  "'data' of an accepted connection": async (t) => {
    const server = mine(() => serve(t));
    const client = others(() => closing(t, new lib.SeqpacketSocket()));
    others(() => client.connect(server.address()));
    const [peer] = await once(server, 'connection');
    closing(t, peer);
    others(() => client.write('x'));
    return storeAt(peer, 'data');
  },
  "'connect'": (t) => {
    const server = others(() => serve(t));
    server.on('connection', (peer) => closing(t, peer));
    return mine(() => {
      const client = closing(t, new lib.SeqpacketSocket());
      client.connect(server.address());
      return storeAt(client, 'connect');
    });
  },
  'the callback of connect': (t) => {
    const server = others(() => serve(t));
    server.on('connection', (peer) => closing(t, peer));
    return mine(() => storeOf((fn) => closing(t, new lib.SeqpacketSocket()).connect(server.address(), fn)));
  },
  'the callback of listen': (t) =>
    mine(() => storeOf((fn) => closing(t, new lib.SeqpacketServer()).listen(sockPath(t), 5, fn))),
  'the callback of a write': (t) => {
    const [a] = others(() => pair(t, 'seqpacket'));
    return mine(() => storeOf((fn) => a.write('x', fn)));
  },
  'the callback of a queued write': (t) => {
    const [a, b] = others(() => pair(t, 'seqpacket', { paused: true }));
    fill(a);
    const seen = mine(() => storeOf((fn) => a.write('x', fn)));
    others(() => b.on('data', () => {}).resume());
    return seen;
  },
  'the callback of a corked write': (t) => {
    const [a] = others(() => pair(t, 'seqpacket'));
    a.cork();
    const seen = mine(() => storeOf((fn) => a.write('x', fn)));
    others(() => a.uncork());
    return seen;
  },
  'the callback of a write that fails': (t) => {
    const [a] = others(() => pair(t, 'seqpacket'));
    return mine(() => storeOf((fn) => a.write(Buffer.alloc(16 << 20), (err) => fn(err))));
  },
  'the callback of a write that destroy() drops': (t) => {
    const [a] = others(() => pair(t, 'seqpacket', { paused: true }));
    fill(a);
    const seen = mine(() => storeOf((fn) => a.write('x', (err) => fn(err))));
    others(() => a.destroy());
    return seen;
  },
  'the callback of a queued datagram': (t) => {
    const [full, sender] = others(() => [dgram(t, sockPath(t), { paused: true }), dgram(t)]);
    fill(sender, 1000, full.address());
    const seen = mine(() => storeOf((fn) => sender.send('x', full.address(), fn)));
    others(() => full.on('data', () => {}).resume());
    return seen;
  },
  "'drain'": (t) => {
    const [a, b] = mine(() => pair(t, 'seqpacket', { paused: true, writableHighWaterMark: 1 }));
    fill(a);
    others(() => b.on('data', () => {}).resume());
    return storeAt(a, 'drain');
  },
  'the callback of end': (t) => {
    const [a] = others(() => pair(t, 'seqpacket'));
    return mine(() => storeOf((fn) => a.end(fn)));
  },
  "'end'": (t) => {
    const [a, b] = mine(() => pair(t, 'seqpacket'));
    others(() => a.end());
    b.on('data', () => {});
    return storeAt(b, 'end');
  },
  "'close' after destroy()": (t) => {
    const [a] = mine(() => pair(t, 'seqpacket'));
    others(() => a.destroy());
    return storeAt(a, 'close');
  },
  "'close' after the peer has closed": (t) => {
    const [a, b] = mine(() => pair(t, 'seqpacket'));
    b.on('data', () => {});
    others(() => a.destroy());
    return storeAt(b, 'close');
  },
  "'close' of a server": (t) => {
    const server = mine(() => serve(t));
    others(() => server.close());
    return storeAt(server, 'close');
  },
  'the callback of close': (t) => {
    const socket = others(() => dgram(t));
    return mine(() => storeOf((fn) => socket.close(fn)));
  },
  "'error' with ECONNRESET": (t) => {
    const [a, b] = mine(() => pair(t, 'seqpacket'));
    a.on('data', () => {});
    a.write('never read');
    others(() => b.destroy());
    return storeAt(a, 'error');
  },
};

for (const [what, see] of Object.entries(places)) {
  isolated(`AsyncLocalStorage has the right store in ${what}`, async (t) => assert.strictEqual(await see(t), 'mine'));
}

isolated('AsyncLocalStorage keeps its store in the loop of an async iterator', async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  const seen = [];
  const loop = mine(async () => {
    for await (const data of b) {
      await null;
      seen.push([String(data), context.getStore()]);
    }
  });
  others(() => ['1', '2', '3'].forEach((text) => void a.write(text)));
  others(() => a.end());
  await loop;
  assert.deepStrictEqual(
    seen,
    ['1', '2', '3'].map((text) => [text, 'mine']),
  );
});

// async_hooks.

for (const type of ['seqpacket', 'dgram']) {
  isolated(
    `${type}: async_hooks gets a resource for each socket, before and after for each message, destroy at the end`,
    async (t) => {
      const resources = new Map();
      const of = (id) => resources.get(id) || {};
      const hook = createHook({
        init: (id, name, _trigger, resource) =>
          resources.set(id, { name, resource, depth: 0, entered: 0, destroyed: 0 }),
        before: (id) => {
          of(id).entered++;
          of(id).depth++;
        },
        after: (id) => of(id).depth--,
        destroy: (id) => of(id).destroyed++,
      }).enable();
      t.after(() => hook.disable());

      const [a, b] = pair(t, type);
      const ids = new Set();
      for (const i of range(5)) post(a, String(i));
      await new Promise((resolve) => {
        let count = 0;
        b.on('data', () => {
          ids.add(executionAsyncId());
          assert.strictEqual(executionAsyncResource(), of(executionAsyncId()).resource);
          if (++count === 5) resolve();
        });
      });
      assert.strictEqual(ids.size, 1, 'one resource for all messages of a socket');
      const [id] = ids;
      assert.match(of(id).name, /unix|seqpacket|dgram/i);
      assert.strictEqual(of(id).entered, 5);
      a.close();
      b.close();
      await once(b, 'close');
      await turns();
      assert.deepStrictEqual([of(id).depth, of(id).destroyed], [0, 1]);
    },
  );
}

isolated('async_hooks that are enabled between two messages of a batch get the later messages', async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  for (const i of range(4)) a.write(String(i));
  const entered = [];
  const hook = createHook({ before: (id) => entered.push(id) });
  t.after(() => hook.disable());
  const seen = [];
  await new Promise((resolve) => {
    b.on('data', (data) => {
      if (Number(data) === 1) hook.enable();
      seen.push([Number(data), entered.includes(executionAsyncId())]);
      if (Number(data) === 3) resolve();
    });
  });
  assert.deepStrictEqual(seen, [
    [0, false],
    [1, false],
    [2, true],
    [3, true],
  ]);
});
