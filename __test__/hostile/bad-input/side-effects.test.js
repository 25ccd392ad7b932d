'use strict';
// Arguments with side effects: getters that shrink a buffer or close the socket. Methods called on other objects.
// Descriptors that are invalid, of other kinds, or owned by another object.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { openFds, sockPath, tmp } = require('../../helpers');
const { target } = require('../../helpers/descriptors');
const { isolated } = require('../../helpers/isolated');
const { lib } = require('../../helpers/lib');
const { closing, messages, pair, serve, turns } = require('../../helpers/sockets');
const { HostileError, values } = require('./values');

const coded = { code: /^E[A-Z_0-9]+$/ };

/** Returns the result or the error of a call. An error must have a code. */
function attempt(call) {
  try {
    return { result: call() };
  } catch (err) {
    assert.ok(err instanceof HostileError || coded.code.test(err.code), err.stack);
    return { err };
  }
}

// Buffers that are detached or shrink while the call reads its arguments.

const takeAway = {
  detaches: (view) => structuredClone(view.buffer, { transfer: [view.buffer] }),
  ...(ArrayBuffer.prototype.resize && { shrinks: (view) => view.buffer.resize(0) }),
};

const resizableView = () => {
  const view = new Uint8Array(new ArrayBuffer(65536, { maxByteLength: 65536 * 2 }));
  return view.fill(1);
};

const plainView = () => new Uint8Array(65536).fill(1);

/** Ways to run code during a call, after the call has read the view. */
const midway = {
  'a getter of options.fds': (socket, view, act) => {
    const options = {
      get fds() {
        act();
        return [];
      },
    };
    return socket.send ? socket.send(view, undefined, options) : socket.write(view, options);
  },
  'a later element of the array': (socket, view, act) => {
    const parts = [view, 'x'];
    Object.defineProperty(parts, 1, { get: () => act() || 'x', enumerable: true });
    return socket.send ? socket.send(parts) : socket.write(parts);
  },
};

for (const type of ['seqpacket', 'dgram']) {
  for (const [verb, act] of Object.entries(takeAway)) {
    for (const [where, call] of Object.entries(midway)) {
      isolated(
        `${type}: ${where} ${verb} the buffer: the message is sent or refused, without other memory`,
        async (t) => {
          const [socket, peer] = pair(t, type);
          socket.on('error', (err) => assert.match(err.code, coded.code));
          const view = verb === 'shrinks' ? resizableView() : plainView();
          const { err } = attempt(() => call(socket, view, () => void act(view)));
          await turns();
          attempt(() => (socket.send ? socket.send('last') : socket.write('last')));
          const expected = err ? 1 : 2;
          const got = await messages(peer, expected);
          assert.strictEqual(String(got[expected - 1].data), 'last');
          // The message is the whole view or none of it, without bytes of other memory.
          if (!err) assert.ok(got[0].data.every((byte) => byte === 1 || byte === 0x78) && got[0].data.length <= 65537);
        },
      );
    }
  }

  isolated(`${type}: a buffer that is detached after the call is sent unchanged`, async (t) => {
    const [socket, peer] = pair(t, type);
    const callbacks = [];
    for (let i = 0; i < 40; i++) {
      const view = plainView().subarray(0, 16384).fill(i);
      const done = (err) => callbacks.push([i, err]);
      if (socket.send) socket.send(view, done);
      else socket.write(view, done);
      takeAway.detaches(view);
    }
    const got = await messages(peer, 40);
    for (const [i, { data }] of got.entries()) assert.ok(data.length === 16384 && data.every((byte) => byte === i));
    await turns();
    assert.deepStrictEqual(
      callbacks,
      got.map((_, i) => [i, null]),
    );
  });
}

// Getters that close the object of the call and create another one, which gets the same descriptor number.

/** An object with a property whose getter runs `act`. */
const trap = (property, act, value) =>
  Object.defineProperty({}, property, {
    enumerable: true,
    get: () => {
      act();
      return value;
    },
  });

const closingCalls = {
  'write with options': (t, act) => {
    const [socket] = pair(t, 'seqpacket');
    return [socket, (done) => socket.write('stray', trap('fds', act, []), done)];
  },
  'send with options': (t, act) => {
    const [socket] = pair(t, 'dgram');
    return [socket, (done) => socket.send('stray', undefined, trap('fds', act, []), done)];
  },
  bind: (t, act) => {
    const socket = closing(t, new lib.DgramSocket());
    return [socket, () => socket.bind(sockPath(t), trap('mode', act, 0o600))];
  },
  listen: (t, act) => {
    const server = closing(t, new lib.SeqpacketServer());
    return [server, () => server.listen(Object.assign(trap('backlog', act, 5), { path: sockPath(t) }))];
  },
  connect: (t, act) => {
    const server = serve(t);
    const socket = closing(t, new lib.SeqpacketSocket());
    return [socket, () => socket.connect(Object.assign(trap('timeout', act, 5), { path: server.address() }))];
  },
};

for (const [what, prepare] of Object.entries(closingCalls)) {
  isolated(
    `${what}: a getter that closes the object: the call fails, the next owner of the descriptor is unaffected`,
    async (t) => {
      let others = [];
      const [object, call] = prepare(t, () => {
        object.close();
        others = pair(t, object instanceof lib.DgramSocket ? 'dgram' : 'seqpacket'); // reuses the descriptor number
      });
      let told;
      const { err } = attempt(() => call((e) => (told = e)));
      assert.strictEqual(object.closed, true);
      await turns();
      assert.ok(err || told, 'no error, although the object is closed');
      const [a, b] = others;
      if (a.send) b.send('first');
      else b.write('first');
      const [{ data }] = await messages(a, 1);
      assert.strictEqual(String(data), 'first');
      if (a.send) a.send('back');
      else a.write('back');
      assert.strictEqual(String((await messages(b, 1))[0].data), 'back');
    },
  );
}

isolated('methods called on other values throw', async (t) => {
  const [seqpacket] = pair(t, 'seqpacket');
  const [dgram] = pair(t, 'dgram');
  const server = serve(t);
  const others = [undefined, null, 5, {}, Object.create(lib.DgramSocket.prototype), seqpacket, dgram, server];
  for (const Type of [lib.DgramSocket, lib.SeqpacketSocket, lib.SeqpacketServer]) {
    for (let proto = Type.prototype; proto.constructor.name !== 'EventEmitter'; proto = Object.getPrototypeOf(proto)) {
      for (const [name, { value, get }] of Object.entries(Object.getOwnPropertyDescriptors(proto))) {
        if (name === 'constructor') continue;
        for (const other of others.filter((one) => !(one instanceof Type))) {
          try {
            (value || get).call(other, Buffer.from('x'), 0, 1, sockPath(t));
          } catch (err) {
            assert.ok(err instanceof Error);
          }
        }
      }
    }
  }
  await turns();
});

isolated('maxConnections accepts only valid numbers', async (t) => {
  const server = serve(t);
  const before = server.maxConnections;
  for (const make of Object.values(values)) {
    const value = make();
    const { err } = attempt(() => {
      server.maxConnections = value;
    });
    if (typeof value !== 'number' || Number.isNaN(value) || value < 0)
      assert.ok(err || value == null, String(typeof value));
    if (!err) server.maxConnections = before;
  }
  assert.strictEqual(server.maxConnections, before);
});

// Descriptors.

/** Descriptors of every kind that no class may adopt. */
async function foreign(t) {
  const folder = tmp(t);
  const fifo = path.join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const stream = net.createServer().listen(path.join(folder, 'stream'));
  t.after(() => stream.close());
  await once(stream, 'listening');
  const files = {
    file: fs.openSync(path.join(folder, 'file'), 'w+'),
    folder: fs.openSync(folder),
    fifo: fs.openSync(fifo, 'r+'),
  };
  const tcp = lib.createReuseportFd(0, '127.0.0.1');
  const udp = lib.createReuseportFd(0, '127.0.0.1', { type: 'udp' });
  t.after(() => {
    for (const fd of [...Object.values(files), tcp, udp]) fs.closeSync(fd);
  });
  const epoll = fs
    .readdirSync('/proc/self/fd')
    .map(Number)
    .find((fd) => target(fd).includes('eventpoll'));
  return { ...files, tcp, udp, epoll, 'unix stream': stream._handle.fd, closed: 98765 };
}

const adopters = {
  DgramSocket: (fd) => new lib.DgramSocket({ fd }),
  SeqpacketSocket: (fd) => new lib.SeqpacketSocket({ fd }),
  'SeqpacketSocket (a number)': (fd) => new lib.SeqpacketSocket(fd),
  'SeqpacketServer#listen': (fd) => new lib.SeqpacketServer().listen({ fd }),
};

const state = (fd) =>
  fs.existsSync(`/proc/self/fdinfo/${fd}`) ? fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1') : 'closed';

for (const [what, adopt] of Object.entries(adopters)) {
  isolated(`${what} throws for descriptors of other kinds and does not change them`, async (t) => {
    const unfit = await foreign(t);
    const [seqpacket] = pair(t, 'seqpacket');
    const [dgram] = pair(t, 'dgram');
    const server = serve(t);
    if (what === 'DgramSocket') Object.assign(unfit, { seqpacket: seqpacket.fd, server: server.fd });
    else Object.assign(unfit, { dgram: dgram.fd });
    if (what.startsWith('SeqpacketSocket')) unfit.server = server.fd;
    if (what.startsWith('SeqpacketServer')) unfit.connection = seqpacket.fd;
    for (const [name, fd] of Object.entries(unfit)) {
      const before = [openFds(), name === 'epoll' ? '' : state(fd)];
      assert.throws(() => adopt(fd), coded, name);
      await turns(2);
      assert.deepStrictEqual([openFds(), name === 'epoll' ? '' : state(fd)], before, name);
    }
  });

  isolated(`${what} throws for a descriptor that another object owns, which continues`, async (t) => {
    const [mine, peer] = what === 'DgramSocket' ? pair(t, 'dgram') : pair(t, 'seqpacket');
    const server = serve(t);
    const owner = what.startsWith('SeqpacketServer') ? server : mine;
    assert.throws(() => adopt(owner.fd), coded);
    await turns();
    const got = messages(peer, 1);
    if (mine.send) mine.send('alive');
    else mine.write('alive');
    assert.strictEqual(String((await got)[0].data), 'alive');
    const client = closing(t, new lib.SeqpacketSocket());
    client.connect(server.address());
    const [accepted] = await once(server, 'connection');
    closing(t, accepted);
  });
}

isolated('closeFd() closes its argument only, and throws for invalid ones', async (t) => {
  const keep = await foreign(t);
  const before = openFds();
  const numbers = [-1, 0.5, NaN, Infinity, 2 ** 31, 2 ** 32, 2 ** 32 + 3, 2 ** 53, -(2 ** 31) - 1, 2 ** 31 - 1, 98765];
  for (const value of numbers) assert.throws(() => lib.closeFd(value), coded, String(value));
  for (const value of Object.values(values).map((make) => make())) {
    if (typeof value !== 'number') assert.throws(() => lib.closeFd(value), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  assert.strictEqual(openFds(), before);
  const fd = fs.openSync('/dev/null');
  lib.closeFd(fd);
  assert.throws(() => lib.closeFd(fd), { code: 'EBADF', errno: -9, syscall: 'close' });
  assert.strictEqual(openFds(), before);
  for (const [name, one] of Object.entries(keep)) assert.ok(name === 'closed' || state(one) !== 'closed', name);
});

for (const type of ['seqpacket', 'dgram']) {
  isolated(`${type}: sending invalid descriptors throws and leaves no duplicate open`, async (t) => {
    const [socket, peer] = pair(t, type, { receiveFds: true });
    const post = (msg, options) => (socket.send ? socket.send(msg, undefined, options) : socket.write(msg, options));
    const good = fs.openSync('/dev/null');
    const before = openFds();
    for (const fds of [
      [98765],
      [good, 98765],
      [good, -1],
      [NaN],
      ['0'],
      new Array(254).fill(good),
      [good, 2 ** 32 + good],
    ]) {
      assert.throws(() => post('x', { fds }), coded);
      assert.strictEqual(openFds(), before, 'duplicates made before the invalid one are closed');
    }
    post('last', { fds: [good] });
    const [{ data, info }] = await messages(peer, 1);
    assert.strictEqual(String(data), 'last');
    for (const fd of [good, ...info.fds]) fs.closeSync(fd);
    await turns();
    assert.strictEqual(openFds(), before - 1);
  });
}
