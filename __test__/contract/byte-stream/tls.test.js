'use strict';
// TLS over byte streams: both roles, large transfers, half-close, failures, and HTTPS.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const { test } = require('node:test');
const tls = require('node:tls');
const { which } = require('../../../examples/lib/example');
const { deadline, once, tmp } = require('../../helpers');
const { closed, pair } = require('../../helpers/sockets');
const { assertSameBytes, body, readAll, streamPair } = require('../../helpers/streams');
const { notRun } = require('../../peers/foreign');

const LENGTH = 10e6;

/** A new self-signed certificate for localhost. */
function certificate(t) {
  const folder = tmp(t);
  const [key, cert] = ['key', 'cert'].map((name) => path.join(folder, name));
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', [...args, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  return { key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
}

test('TLS over byte streams', { timeout: deadline }, async (t) => {
  if (!which('openssl')) return notRun(t, 'openssl is missing (scripts/test/install-peers.sh installs it)');
  const { key, cert } = certificate(t);
  const options = { timeout: deadline };

  /** Both ends of a TLS connection: [client, server]. */
  function secure(t, [a, b] = streamPair(t)) {
    const server = new tls.TLSSocket(b, { isServer: true, key, cert });
    const client = tls.connect({ socket: a, ca: cert, servername: 'localhost' });
    t.after(() => client.destroy());
    return [client, server];
  }

  await t.test('tls.connect() verifies the certificate, and 10 MB arrive in both directions', options, async (t) => {
    const [client, server] = secure(t);
    const there = body(LENGTH, 1);
    const back = body(LENGTH, 2);
    const received = Promise.all([readAll(server), readAll(client)]);
    client.end(there);
    server.end(back);
    await once(client, 'secureConnect');
    assert.strictEqual(client.authorized, true);
    assert.strictEqual(client.getPeerCertificate().subject.CN, 'localhost');
    const [atServer, atClient] = await received;
    assertSameBytes(atServer, there);
    assertSameBytes(atClient, back);
  });

  await t.test('a tls.Server takes byte streams', options, async (t) => {
    const server = tls.createServer({ key, cert }, (socket) => socket.pipe(socket));
    const [a, b] = streamPair(t);
    server.emit('connection', b);
    const client = tls.connect({ socket: a, ca: cert, servername: 'localhost' });
    const echo = readAll(client);
    const bytes = body(LENGTH);
    client.end(bytes);
    assertSameBytes(await echo, bytes);
  });

  await t.test('when both sides have ended, both sockets close without an error', options, async (t) => {
    const sockets = pair(t, 'seqpacket');
    const [client, server] = secure(
      t,
      sockets.map((socket) => socket.toDuplex({ bytes: true })),
    );
    const ends = Promise.all([client, server].map((each) => once(each, 'close')).concat(sockets.map(closed)));
    server.on('data', (data) => server.end(data));
    client.on('data', (data) => assert.strictEqual(data.toString(), 'hello'));
    client.on('end', () => client.end());
    client.write('hello');
    await ends;
  });

  await t.test('a peer that disappears during the handshake fails it', options, async (t) => {
    const [a, b] = streamPair(t);
    const client = tls.connect({ socket: a, ca: cert, servername: 'localhost' });
    const failed = once(client, 'error');
    await once(b, 'data'); // the ClientHello
    b.destroy();
    assert.strictEqual((await failed)[0].code, 'ECONNRESET');
  });

  await t.test('a reader that stops, stops the writer', options, async (t) => {
    const [client, server] = secure(t);
    await once(client, 'secureConnect');
    let sent = 0;
    const chunk = Buffer.alloc(65536);
    while (sent < 1000 && client.write(chunk)) {
      sent++;
      await new Promise(setImmediate);
    }
    assert.ok(sent < 1000);
    let received = 0;
    server.on('data', (data) => {
      received += data.length;
    });
    client.end();
    await once(server, 'end');
    assert.strictEqual(received, (sent + 1) * chunk.length);
  });

  await t.test('HTTPS carries bodies of 10 MB over streams that an Agent keeps', options, async (t) => {
    const answer = body(LENGTH, 1);
    const question = body(LENGTH, 2);
    const server = https.createServer({ key, cert }, async (request, response) => {
      assertSameBytes(await readAll(request), question);
      response.end(answer);
    });
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    let connections = 0;
    agent.createConnection = () => {
      connections++;
      const [a, b] = streamPair(t);
      server.emit('connection', b);
      return tls.connect({ socket: a, ca: cert, servername: 'localhost' });
    };
    for (const reused of [false, true]) {
      const request = https.request({ method: 'POST', agent });
      request.end(question);
      const [response] = await once(request, 'response');
      assertSameBytes(await readAll(response), answer);
      assert.strictEqual(request.reusedSocket, reused);
      await new Promise(setImmediate); // the agent takes the connection back
    }
    assert.strictEqual(connections, 1);
  });

  await t.test('the stream of messages fails with ERR_STREAM_WRAP', options, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    const server = new tls.TLSSocket(b.toDuplex({ bytes: true }), { isServer: true, key, cert });
    t.after(() => server.destroy());
    const client = tls.connect({ socket: a.toDuplex(), ca: cert, servername: 'localhost' });
    assert.strictEqual((await once(client, 'error'))[0].code, 'ERR_STREAM_WRAP');

    const [c, d] = pair(t, 'seqpacket');
    const listener = tls.createServer({ key, cert });
    const failed = once(listener, 'tlsClientError');
    listener.emit('connection', d.toDuplex());
    tls.connect({ socket: c.toDuplex({ bytes: true }) }).on('error', () => {});
    const [err, socket] = await failed;
    socket.destroy();
    assert.strictEqual(err.code, 'ERR_STREAM_WRAP');
  });
});
