'use strict';
// util.inspect, diagnostics_channel, NODE_DEBUG, diagnostic reports, async_hooks.

const test = require('node:test');
const assert = require('node:assert');
const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const { inspect } = require('node:util');
const { deadline, once, runChild, sockPath } = require('../helpers');
const { DgramSocket, SeqpacketServer, SeqpacketSocket, createSocketPair } = require('../..');

const options = { timeout: deadline };

/** Collects the messages of a channel. */
function listen(t, name, onMessage = () => {}) {
  const got = [];
  const listener = (message) => {
    got.push(message);
    onMessage(message);
  };
  subscribe(`node-unix-socket:${name}`, listener);
  t.after(() => unsubscribe(`node-unix-socket:${name}`, listener));
  return got;
}

const closing = (t, ...sockets) => {
  for (const socket of sockets) t.after(() => socket.close());
  return sockets;
};

/** A server and a connection to it. */
async function connect(t) {
  const path = sockPath(t);
  const server = new SeqpacketServer().listen(path);
  const client = new SeqpacketSocket();
  closing(t, server, client);
  client.connect(path);
  const [[peer]] = await Promise.all([once(server, 'connection'), once(client, 'connect')]);
  closing(t, peer);
  return { path, server, client, peer };
}

test('inspect() shows the state of a connection and no internal properties', options, async (t) => {
  const { path, client } = await connect(t);
  client.pause();
  client.label = 'mine';
  const shown = inspect(client);
  assert.match(shown, new RegExp(`^SeqpacketSocket \\{\\s+fd: ${client.fd},\\s+state: 'open',`));
  for (const part of [`remotePath: '${path}'`, 'paused: true', 'writableLength: 0', "label: 'mine'"]) {
    assert.ok(shown.includes(part), `${part} in ${shown}`);
  }
  assert.doesNotMatch(shown, /_events|kCapture|core|handle/);
  client.destroy();
  assert.match(inspect(client), /fd: -1,\s+state: 'closed'/);
});

test('inspect() shows the states of a connection while it ends', options, async (t) => {
  const [a, b] = closing(t, ...createSocketPair('seqpacket'));
  assert.match(inspect(new SeqpacketSocket().destroy()), /state: 'closed'/);
  const ended = once(b, 'end');
  b.on('data', () => {});
  const shut = new Promise((resolve) => a.end(resolve));
  assert.match(inspect(a), /state: '(ending|write side shut)'/);
  await Promise.all([shut, ended]);
  assert.match(inspect(a), /state: 'write side shut'/);
});

test('inspect() shows the queue and the dropped messages of a datagram socket', options, (t) => {
  const [a] = closing(t, ...createSocketPair('dgram', { maxQueuedBytes: 10 * 138, paused: true }));
  for (let i = 0; i < 500; i++) a.send('0123456789', () => {});
  const shown = inspect(a);
  assert.match(shown, /writableLength: 1380,/);
  assert.match(shown, new RegExp(`droppedMessages: ${a.droppedMessages}\\b`));
  assert.ok(a.droppedMessages > 0);
});

test('inspect() shows the path and the number of connections of a server', options, async (t) => {
  const { path, server } = await connect(t);
  const shown = inspect(server);
  assert.match(shown, new RegExp(`state: 'listening',\\s+path: '${path}',\\s+connections: 1,`));
  assert.match(inspect(new SeqpacketServer()), /fd: -1,\s+state: 'not listening'/);
});

test('inspect() respects depth and the name of a subclass', options, (t) => {
  class Mine extends DgramSocket {}
  const [socket] = closing(t, new Mine());
  assert.match(inspect(socket), /^Mine \{/);
  assert.strictEqual(inspect({ a: { socket } }, { depth: 1 }), '{\n  a: { socket: [Mine] }\n}'.replace(/\n\s*/g, ' '));
  assert.match(inspect(DgramSocket.prototype), /./);
});

test('the channels create, connect and close publish once for each socket', options, async (t) => {
  const created = listen(t, 'create');
  const connected = listen(t, 'connect');
  const closed = listen(t, 'close');
  const { path, server, client, peer } = await connect(t);
  assert.deepStrictEqual(
    created.map(({ socket }) => socket),
    [server, client, peer],
  );
  assert.strictEqual(connected.length, 2);
  assert.ok(connected[0].socket === client && connected[0].path === path && connected[0].server === undefined);
  assert.ok(connected[1].socket === peer && connected[1].path === '' && connected[1].server === server);
  const gone = Promise.all([client, peer, server].map((socket) => once(socket, 'close')));
  for (const socket of [client, peer, server]) socket.close();
  await gone;
  // Sockets of earlier tests may still be closing.
  const ours = closed.map(({ socket }) => socket).filter((socket) => [client, peer, server].includes(socket));
  assert.strictEqual(ours.length, 3);
  assert.strictEqual(new Set(ours).size, 3);
});

test('a subscriber of the create channel can use and close the socket', options, async (t) => {
  const fds = [];
  const onCreate = ({ socket }) => {
    fds.push(socket.fd);
    socket.close();
  };
  listen(t, 'create', onCreate);
  const [a, b] = createSocketPair('dgram');
  assert.ok(fds.every((fd) => fd >= 0) && fds.length === 2);
  assert.ok(a.closed && b.closed);
  await Promise.all([once(a, 'close'), once(b, 'close')]);
});

test('the drop channel publishes each message that fails', options, async (t) => {
  const dropped = listen(t, 'drop');
  const socket = new DgramSocket();
  const path = sockPath(t);
  const err = await new Promise((resolve) => socket.send('x', path, resolve));
  assert.deepStrictEqual(dropped, [{ socket, error: err }]);
  assert.strictEqual(err.code, 'ENOENT');
  socket.close();
  await once(socket, 'close');
  assert.strictEqual(dropped.length, 1);
});

test('the drop channel publishes queued messages that fail', options, async (t) => {
  const dropped = listen(t, 'drop');
  const connected = listen(t, 'connect');
  const path = sockPath(t);
  const receiver = new DgramSocket({ paused: true });
  const sender = new DgramSocket();
  closing(t, receiver, sender);
  receiver.bind(path);
  sender.connect(path);
  assert.deepStrictEqual(connected, [{ socket: sender, path, server: undefined }]);
  const failures = [];
  let left = 100;
  const all = new Promise((resolve) => {
    for (let i = 0; i < 100; i++) {
      sender.send('waits', (err) => {
        if (err) failures.push(err);
        if (--left === 0) resolve();
      });
    }
  });
  receiver.close();
  await all;
  assert.ok(failures.length > 0);
  assert.deepStrictEqual(
    dropped.map(({ error }) => error),
    failures,
  );
});

test('the drop channel publishes once when close() drops messages, and not for sent messages', options, async (t) => {
  const dropped = listen(t, 'drop');
  const [a, b] = createSocketPair('dgram', { paused: true });
  for (let i = 0; i < 500; i++) a.send('waits'.repeat(500));
  assert.ok(a.writableLength > 0);
  b.close();
  assert.deepStrictEqual(dropped, []);
  a.close();
  await once(a, 'close');
  assert.strictEqual(dropped.length, 1);
  assert.ok(dropped[0].socket === a && dropped[0].error.code === 'ERR_SOCKET_CLOSED');
});

test('the drop channel publishes connections beyond maxConnections', options, async (t) => {
  const { path, server } = await connect(t);
  server.maxConnections = 1;
  server.on('connection', () => {});
  const told = new Promise((resolve) => listen(t, 'drop', resolve));
  const late = new SeqpacketSocket();
  closing(t, late);
  late.on('error', () => {});
  late.connect(path);
  const { socket, error } = await told;
  assert.strictEqual(socket, server);
  assert.strictEqual(error.message, 'maxConnections is reached');
});

const life = () => {
  const [a, b] = lib.createSocketPair('seqpacket');
  b.destroy();
  a.destroy();
  const socket = new lib.DgramSocket();
  socket.send('x', '/nonexistent', () => socket.close());
};

test(
  'the log goes to standard error if NODE_DEBUG contains unix-socket, otherwise nothing is logged',
  options,
  async (t) => {
    const silent = await runChild(t, life, { env: { NODE_DEBUG: 'net' } });
    assert.doesNotMatch(silent.stderr, /UNIX-SOCKET/);
    const { code, stderr } = await runChild(t, life, { env: { NODE_DEBUG: 'unix-socket' } });
    assert.strictEqual(code, 0);
    const lines = stderr.split('\n').filter((line) => line.startsWith('UNIX-SOCKET'));
    for (const what of [/SeqpacketSocket#\d+ created, fd \d+$/, /DgramSocket#\d+ dropped: sendto ENOENT/, /closed$/]) {
      assert.ok(
        lines.some((line) => what.test(line)),
        `${what} in ${stderr}`,
      );
    }
    assert.strictEqual(lines.filter((line) => line.endsWith('closed')).length, 3);
  },
);

test('require() loads neither js/diagnostics.js nor diagnostics_channel', options, async (t) => {
  const { code, stderr } = await runChild(t, () => {
    const builtin = () => process.moduleLoadList.includes('NativeModule diagnostics_channel');
    const before = builtin(); // newer versions of Node.js load it at startup
    require(libPath);
    const loaded = Object.keys(require.cache).filter((file) => /diagnostics/.test(file));
    if (loaded.length > 0 || builtin() !== before) throw new Error(String(loaded));
  });
  assert.strictEqual(code, 0, stderr);
});

test('a diagnostic report contains the polled descriptors', options, (t) => {
  const [a] = closing(t, ...createSocketPair('dgram', { paused: false }));
  a.on('data', () => {});
  const { libuv } = process.report.getReport();
  assert.ok(
    libuv.some(({ type, fd }) => type === 'poll' && fd === a.fd),
    JSON.stringify(libuv),
  );
});

test('async_hooks has a resource type for each class', options, async (t) => {
  const { code, stderr } = await runChild(t, () => {
    const types = new Set();
    require('async_hooks')
      .createHook({ init: (_id, type) => types.add(type) })
      .enable();
    for (const socket of lib.createSocketPair('seqpacket')) socket.destroy();
    new lib.DgramSocket().close();
    new lib.SeqpacketServer().close();
    for (const name of ['SEQPACKETSOCKET', 'UNIXDGRAMSOCKET', 'SEQPACKETSERVER']) {
      if (!types.has(name)) throw new Error(`no ${name} in ${[...types]}`);
    }
  });
  assert.strictEqual(code, 0, stderr);
});

// Documented: it contains only handles of Node.js itself.
test('process.getActiveResourcesInfo() does not contain the sockets', options, async (t) => {
  const { code, stderr } = await runChild(t, () => {
    const before = process.getActiveResourcesInfo().length;
    const [a, b] = lib.createSocketPair('dgram');
    if (process.getActiveResourcesInfo().length !== before)
      throw new Error('it does: docs/guides/diagnostics.md is wrong');
    a.close();
    b.close();
  });
  assert.strictEqual(code, 0, stderr);
});
