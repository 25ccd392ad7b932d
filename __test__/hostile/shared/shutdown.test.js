'use strict';
// Another process that shares a socket shuts it down (shutdown(2)): what arrived before is delivered, then there is one
// 'error' if nothing more can arrive, and this process uses no CPU time.

const { test } = require('node:test');
const assert = require('node:assert');
const { deadline, sockPath } = require('../../helpers');
const { separate } = require('./separate');

const options = { timeout: deadline, skip: process.platform !== 'linux' && 'Linux only' };
/** As a share of a core. */
const IDLE = 0.25;

for (const how of ['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR']) {
  const program = `import socket; socket.socket(fileno=3).shutdown(socket.${how})`;
  const ends = how !== 'SHUT_WR';
  const errors = ends ? ['error ESHUTDOWN'] : [];

  for (const peer of ['none', 'connected', 'pair']) {
    for (const paused of [false, true]) {
      const name = `${how} of a datagram socket, ${paused ? 'paused' : 'reading'}, peer: ${peer}`;
      test(name, options, async (t) => {
        const { log, loads, results, closed } = await separate(t, datagrams, {
          peer,
          paused,
          path: sockPath(t),
          program,
        });
        assert.deepStrictEqual(log, ['data early', ...errors]);
        assert.ok(Math.max(...loads) < IDLE, `uses ${loads} of a core`);
        assert.deepStrictEqual(results, Array(3).fill(how === 'SHUT_RD' ? 'sent' : 'EPIPE'));
        assert.strictEqual(closed, false);
      });
    }
  }

  test(`${how} of the socket of a server`, options, async (t) => {
    const { log, load, late } = await separate(t, server, { path: sockPath(t), program });
    assert.deepStrictEqual(log, ['connection', ...(ends ? errors : ['connection']), 'close']);
    assert.ok(load < IDLE, `uses ${load} of a core`);
    assert.strictEqual(late, ends ? 'ECONNREFUSED' : 'connected');
  });

  for (const paused of [false, true]) {
    test(`${how} of a connection, ${paused ? 'paused' : 'reading'}`, options, async (t) => {
      const { log, loads } = await separate(t, connection, { paused, program });
      const expected = { SHUT_RD: ['end', 'close'], SHUT_WR: ['close'], SHUT_RDWR: ['end', 'close'] }[how];
      assert.deepStrictEqual(log, ['data early', ...expected]);
      assert.ok(Math.max(...loads) < IDLE, `uses ${loads} of a core`);
    });
  }
}

async function datagrams({ load, record, share, done }) {
  let socket, other;
  if (args.peer === 'pair') [socket, other] = lib.createSocketPair('dgram');
  else {
    [socket, other] = [new lib.DgramSocket(), new lib.DgramSocket()];
    socket.bind(args.path);
    other.bind(`${args.path}-other`);
    if (args.peer === 'connected') socket.connect(`${args.path}-other`);
  }
  other.on('data', () => {});
  other.send('early', args.peer === 'pair' ? undefined : args.path);
  const log = record(socket, 'data', 'error', 'close');
  if (args.paused) socket.pause();
  share(socket.fd, args.program);
  const loads = [await load()];
  socket.resume();
  loads.push(await load());
  const to = args.peer === 'none' ? `${args.path}-other` : undefined;
  const send = () => new Promise((resolve) => socket.send('late', to, (err) => resolve(err ? err.code : 'sent')));
  const results = [await send(), await send(), await send()];
  loads.push(await load());
  done({ log, loads, results, closed: socket.closed });
}

async function server({ load, record, share, turns, done }) {
  const server = new lib.SeqpacketServer();
  const log = record(server, 'connection', 'error', 'close');
  server.listen(args.path);
  const connect = () => {
    try {
      new lib.SeqpacketSocket().connect(args.path);
      return 'connected';
    } catch (err) {
      return err.code;
    }
  };
  connect();
  share(server.fd, args.program);
  const used = await load();
  const late = connect();
  await turns(5);
  server.close(() => done({ log, load: used, late }));
}

async function connection({ load, record, share, turns, done }) {
  const [socket, other] = lib.createSocketPair('seqpacket');
  for (const event of ['error', 'data']) other.on(event, () => {});
  other.write('early');
  const log = record(socket, 'data', 'end', 'error', 'close');
  if (args.paused) socket.pause();
  share(socket.fd, args.program);
  const loads = [await load()];
  socket.resume();
  loads.push(await load());
  socket.close();
  while (!log.includes('close')) await turns(1);
  done({ log, loads });
}
