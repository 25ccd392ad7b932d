'use strict';
// Two packages that take any stream: ws as connection of a WebSocket, pino as destination and transport of a log.

const { test } = require('node:test');
const assert = require('node:assert');
const http = require('node:http');
const pino = require('pino');
const { WebSocket, WebSocketServer } = require('ws');
const { deadline, once, runChild } = require('../../helpers');
const { pair, range, serve } = require('../../helpers/sockets');
const { assertSameBytes, body, readAll, streamPair } = require('../../helpers/streams');

const options = { timeout: deadline };

/** A WebSocket over a pair of streams, and its end at the server: [client, server]. */
async function webSockets(t) {
  const server = http.createServer();
  const wss = new WebSocketServer({ server, maxPayload: 20e6 });
  const createConnection = () => {
    const [a, b] = streamPair(t);
    server.emit('connection', b);
    return a;
  };
  const client = new WebSocket('ws://localhost/', { createConnection });
  t.after(() => client.terminate());
  const [[peer]] = await Promise.all([once(wss, 'connection'), once(client, 'open')]);
  return [client, peer];
}

test('ws: messages of 10 MB arrive in both directions, in order with small ones', options, async (t) => {
  const [client, peer] = await webSockets(t);
  peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }));
  const long = body(10e6);
  const sent = ['text', long, ...range(500).map((i) => `message ${i}`)];
  const got = [];
  const all = new Promise((resolve) => {
    client.on('message', (data) => {
      if (got.push(data) === sent.length) resolve();
    });
  });
  for (const message of sent) client.send(message);
  await all;
  assertSameBytes(got[1], long);
  got.splice(1, 1);
  sent.splice(1, 1);
  assert.deepStrictEqual(got.map(String), sent);
});

test('ws: pings are answered, and close() closes both ends with its code', options, async (t) => {
  const [client, peer] = await webSockets(t);
  client.ping('are you there');
  const [payload] = await once(client, 'pong');
  assert.strictEqual(payload.toString(), 'are you there');
  client.close(4001, 'done');
  const [[code, reason]] = await Promise.all([once(peer, 'close'), once(client, 'close')]);
  assert.deepStrictEqual([code, reason.toString()], [4001, 'done']);
});

test('ws: terminate() closes the other end with code 1006', options, async (t) => {
  const [client, peer] = await webSockets(t);
  client.terminate();
  const [code] = await once(peer, 'close');
  assert.strictEqual(code, 1006);
});

test('pino: a byte stream is a destination, also for lines longer than a message', options, async (t) => {
  const [a, b] = streamPair(t);
  const log = pino({ base: null, timestamp: false }, a);
  const received = readAll(b);
  for (const i of range(1000)) log.info({ i }, 'line');
  log.error('x'.repeat(1e6));
  a.end();
  const lines = (await received).toString().split('\n');
  assert.strictEqual(lines.length, 1002);
  range(1000).forEach((i) => {
    assert.deepStrictEqual(JSON.parse(lines[i]), { level: 30, i, msg: 'line' });
  });
  assert.strictEqual(JSON.parse(lines[1000]).msg.length, 1e6);
});

test(
  'pino: with the stream of messages each line is a message, a long line fails with EMSGSIZE',
  options,
  async (t) => {
    const [socket, peer] = pair(t, 'seqpacket');
    const stream = socket.toDuplex();
    const log = pino({ base: null, timestamp: false }, stream);
    log.info('one');
    log.info('two');
    for (const msg of ['one', 'two']) {
      const [data] = await once(peer, 'data');
      assert.strictEqual(data.toString(), `{"level":30,"msg":"${msg}"}\n`);
    }
    log.info('x'.repeat(1e6));
    assert.strictEqual((await once(stream, 'error'))[0].code, 'EMSGSIZE');
  },
);

test('pino: a transport in a worker thread sends all lines before the process exits', options, async (t) => {
  const server = serve(t);
  const received = once(server, 'connection').then(async ([socket]) => {
    const text = await readAll(socket.toDuplex({ bytes: true }));
    socket.end();
    return text.toString();
  });
  const run = runChild(
    t,
    () => {
      const log = require('pino')(
        { base: null, timestamp: false },
        require('pino').transport({ target: args.target, options: { path: args.path } }),
      );
      for (let i = 0; i < 1000; i++) log.info({ i }, 'line');
    },
    { args: { target: require.resolve('../../fixtures/pino/transport'), path: server.address() } },
  );
  const [lines, { code, stderr }] = await Promise.all([received, run]);
  assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.deepStrictEqual(
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).i),
    range(1000),
  );
});
