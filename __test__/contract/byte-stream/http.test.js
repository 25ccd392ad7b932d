'use strict';
// http over byte streams: both ends, large bodies, keep-alive, half-closed and failed connections.

const { test } = require('node:test');
const assert = require('node:assert');
const http = require('node:http');
const http2 = require('node:http2');
const { deadline, once, runChild } = require('../../helpers');
const { closed, pair, range } = require('../../helpers/sockets');
const { assertSameBytes, body, readAll, streamPair } = require('../../helpers/streams');

const options = { timeout: deadline };
const LENGTH = 10e6;

/** Connects a new pair to a server. Returns the stream of the client. */
function connectTo(t, server, socketOptions, streamOptions) {
  const [a, b] = streamPair(t, socketOptions, streamOptions);
  server.emit('connection', b);
  return a;
}

/** An agent with at most one connection, to a server that does not listen. `connections` has the streams it made. */
function agentOf(t, server, agentOptions, socketOptions) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1, ...agentOptions });
  t.after(() => agent.destroy());
  const connections = [];
  agent.createConnection = ({ timeout = 0 }) => {
    const stream = connectTo(t, server, socketOptions).setTimeout(timeout); // as net.connect() does
    connections.push(stream);
    return stream;
  };
  return { agent, connections };
}

async function responseTo(request) {
  const [response] = await once(request, 'response');
  return { status: response.statusCode, bytes: await readAll(response), request };
}

/** A server that answers with the request's body, and then its own. */
const echo = (answer) =>
  http.createServer((request, response) => {
    response.write(answer);
    request.pipe(response);
  });

test('bodies of 10 MB arrive in both directions at once', options, async (t) => {
  const answer = body(LENGTH, 1);
  const question = body(LENGTH, 2);
  const server = echo(answer);
  const request = http.request({ method: 'POST', createConnection: () => connectTo(t, server) });
  const response = responseTo(request);
  request.end(question);
  assertSameBytes((await response).bytes, Buffer.concat([answer, question]));
});

test('a body with a Content-Length, written in small chunks, arrives whole', options, async (t) => {
  const server = http.createServer(async (request, response) => response.end(await readAll(request)));
  const request = http.request({
    method: 'PUT',
    headers: { 'Content-Length': 1e6 },
    createConnection: () => connectTo(t, server),
  });
  const response = responseTo(request);
  const question = body(1e6);
  for (let at = 0; at < question.length; at += 500) request.write(question.subarray(at, at + 500));
  request.end();
  assertSameBytes((await response).bytes, question);
});

test('an Agent with keepAlive sends its requests over one stream', options, async (t) => {
  const server = http.createServer((_request, response) => response.end('answer'));
  const { agent, connections } = agentOf(t, server);
  for (const i of range(20)) {
    const { status, bytes, request } = await responseTo(http.get({ agent, path: `/${i}` }));
    assert.deepStrictEqual([status, bytes.toString(), request.reusedSocket], [200, 'answer', i > 0]);
    await new Promise(setImmediate); // the agent takes the stream back
  }
  assert.strictEqual(connections.length, 1);
});

test('an Agent opens another stream when the server has closed the idle one', options, async (t) => {
  const server = http.createServer((_request, response) => response.end('answer'));
  server.keepAliveTimeout = 20;
  server.keepAliveTimeoutBuffer = 0; // Node.js 24 waits that much longer
  const { agent, connections } = agentOf(t, server);
  await responseTo(http.get({ agent }));
  await once(connections[0], 'close');
  assert.deepStrictEqual(agent.freeSockets, Object.create(null));
  const { status, request } = await responseTo(http.get({ agent }));
  assert.deepStrictEqual([status, request.reusedSocket, connections.length], [200, false, 2]);
});

test('allowHalfOpen: false: an Agent does not reuse a stream that the server has half-closed', options, async (t) => {
  const server = http.createServer((_request, response) => response.end('answer'));
  server.keepAliveTimeout = 0; // never closes an idle connection
  const atServer = once(server, 'connection');
  const { agent, connections } = agentOf(t, server, {}, { allowHalfOpen: false });
  await responseTo(http.get({ agent }));
  await new Promise(setImmediate); // the agent takes the stream back
  const [stream] = await atServer;
  stream.end();
  await once(connections[0], 'close', { signal: t.signal });
  const { status, request } = await responseTo(http.get({ agent }));
  assert.deepStrictEqual([status, request.reusedSocket, connections.length], [200, false, 2]);
});

test('an idle stream in an Agent lets the process exit', options, async (t) => {
  const { code, stdout } = await runChild(t, () => {
    const http = require('node:http');
    const server = http.createServer((_request, response) => response.end('answer'));
    const agent = new http.Agent({ keepAlive: true });
    agent.createConnection = () => {
      const [a, b] = lib.createSocketPair('seqpacket').map((socket) => socket.toDuplex({ bytes: true }));
      server.emit('connection', b);
      b.unref(); // the other end, which would be in another process
      return a;
    };
    http.get({ agent }, (response) => response.pipe(process.stdout));
    setTimeout(() => process.exit(3), 5000).unref();
  });
  assert.deepStrictEqual({ code, stdout }, { code: 0, stdout: 'answer' });
});

test('a response with Connection: close closes both sockets', options, async (t) => {
  const server = http.createServer((_request, response) => response.setHeader('Connection', 'close').end('answer'));
  const sockets = pair(t, 'seqpacket');
  const [a, b] = sockets.map((socket) => socket.toDuplex({ bytes: true }));
  const ends = Promise.all(sockets.map(closed));
  server.emit('connection', b);
  const { bytes } = await responseTo(http.get({ createConnection: () => a }));
  assert.strictEqual(bytes.toString(), 'answer');
  await ends;
});

test('the timeouts of a request, of an Agent and of a server close idle streams', options, async (t) => {
  const silent = http.createServer(() => {});
  const request = http.get({ createConnection: () => connectTo(t, silent) });
  request.setTimeout(20, () => request.destroy(new Error('too slow')));
  assert.strictEqual((await once(request, 'error'))[0].message, 'too slow');

  const { agent } = agentOf(t, silent, { timeout: 20 });
  const viaAgent = http.get({ agent });
  await once(viaAgent, 'timeout');
  viaAgent.destroy();
  await once(viaAgent, 'error');

  const impatient = http.createServer(() => {});
  impatient.timeout = 20;
  const [err] = await once(http.get({ createConnection: () => connectTo(t, impatient) }), 'error');
  assert.strictEqual(err.code, 'ECONNRESET');
});

test('a client that disappears ends its request at the server', options, async (t) => {
  const server = http.createServer();
  const request = http.request({ method: 'POST', createConnection: () => connectTo(t, server) });
  request.on('error', () => {});
  request.write('the beginning');
  const [incoming] = await once(server, 'request');
  const error = once(incoming.resume(), 'error');
  request.destroy();
  assert.strictEqual((await error)[0].code, 'ECONNRESET');
});

test('a server that disappears fails the request', options, async (t) => {
  const server = http.createServer((request) => request.socket.destroy());
  const [err] = await once(http.get({ createConnection: () => connectTo(t, server) }), 'error');
  assert.strictEqual(err.code, 'ECONNRESET');
});

test('http2 sessions carry bodies in both directions', options, async (t) => {
  const answer = body(2e6, 1);
  const question = body(2e6, 2);
  const server = http2.createServer();
  const received = new Promise((resolve) => {
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 });
      stream.end(answer);
      resolve(readAll(stream));
    });
  });
  const session = http2.connect('http://localhost', { createConnection: () => connectTo(t, server) });
  const request = session.request({ ':method': 'POST' });
  request.end(question);
  assertSameBytes(await readAll(request), answer);
  assertSameBytes(await received, question);
  session.close();
  await once(session, 'close');
});

test('the stream of messages: http reports EMSGSIZE for a body that no message carries', options, async (t) => {
  const long = body(300000);
  const request = http.request({ method: 'POST', createConnection: () => connectTo(t, http.createServer(), {}, {}) });
  assert.strictEqual((await once(request.end(long), 'error'))[0].code, 'EMSGSIZE');

  const server = http.createServer((_request, response) => response.end(long));
  const failed = once(server, 'clientError');
  const [response] = await once(http.get({ createConnection: () => connectTo(t, server, {}, {}) }), 'response');
  const aborted = once(response.resume(), 'error');
  const [err, stream] = await failed;
  stream.destroy();
  assert.strictEqual(err.code, 'EMSGSIZE');
  assert.strictEqual((await aborted)[0].code, 'ECONNRESET');
});
