'use strict';
// createSocketPair(): two connected sockets without a path.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { deadline, once, eventually, openFds } = require('../../helpers');
const { messages, pair, post, sent, texts, turns } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };
const classes = { seqpacket: lib.SeqpacketSocket, dgram: lib.DgramSocket };

for (const type of ['seqpacket', 'dgram']) {
  describe(type, () => {
    test('returns two unnamed sockets of the class, connected in both directions', options, async (t) => {
      const both = pair(t, type);
      assert.strictEqual(both.length, 2);
      for (const socket of both) {
        assert.ok(socket instanceof classes[type]);
        assert.deepStrictEqual([socket.address(), socket.remoteAddress(), socket.closed], ['', '', false]);
        assert.ok(socket.fd > 2);
      }
      const [a, b] = both;
      assert.notStrictEqual(a.fd, b.fd);
      await Promise.all([sent(a, 'to b'), sent(b, 'to a')]);
      assert.deepStrictEqual(await texts(a, 1), ['to a']);
      assert.deepStrictEqual(await texts(b, 1), ['to b']);
    });

    test("the sockets emit no 'connect', because they are connected already", options, async (t) => {
      const [a] = pair(t, type);
      a.on('connect', () => assert.fail('connect'));
      await turns();
      if (type === 'seqpacket') assert.strictEqual(a.connecting, false);
    });

    test('the options apply to both sockets', options, async (t) => {
      for (const socket of pair(t, type, { writableHighWaterMark: 5, readBufferSize: 2, paused: true })) {
        assert.strictEqual(socket.writableHighWaterMark, 5);
        assert.strictEqual(socket.isPaused(), true);
      }
      const [a, b] = pair(t, type, { readBufferSize: 2 });
      for (const [from, to] of [
        [a, b],
        [b, a],
      ]) {
        await sent(from, 'abc');
        const [{ data, info }] = await messages(to, 1);
        assert.deepStrictEqual([data.toString(), info.size, info.truncated], ['ab', 3, true]);
      }
    });

    test('an abort signal closes both sockets', options, async (t) => {
      const controller = new AbortController();
      const both = pair(t, type, { signal: controller.signal });
      const closes = both.map((socket) => new Promise((resolve) => socket.on('error', () => {}).on('close', resolve)));
      controller.abort();
      await Promise.all(closes);
    });

    test('closing both sockets closes both descriptors', options, async (t) => {
      const before = openFds();
      const both = pair(t, type);
      assert.strictEqual(openFds(), before + 2);
      const closes = both.map((socket) => once(socket, 'close'));
      for (const socket of both) socket.close();
      await Promise.all(closes);
      await eventually(() => openFds() === before);
    });

    test('a child process can inherit one of the sockets', options, async (t) => {
      const [a, b] = pair(t, type);
      const kind = { seqpacket: 'SOCK_SEQPACKET', dgram: 'SOCK_DGRAM' }[type];
      const source = `import socket
s = socket.socket(socket.AF_UNIX, socket.${kind}, fileno=3)
s.send(s.recv(100).upper())`;
      const child = spawn('python3', ['-c', source], { stdio: ['ignore', 'ignore', 'inherit', b.fd] });
      t.after(() => child.kill());
      await once(child, 'spawn');
      b.close();
      post(a, 'hello');
      assert.deepStrictEqual(await texts(a, 1), ['HELLO']);
    });
  });
}

test('invalid arguments throw and leave no descriptor open', options, () => {
  const before = openFds();
  for (const bad of ['stream', '', 'SEQPACKET', 'toString', '__proto__', 7, null, undefined, {}]) {
    assert.throws(() => lib.createSocketPair(bad), { code: /^ERR_INVALID_ARG_(VALUE|TYPE)$/ }, String(bad));
  }
  for (const bad of [7, 'x', true]) {
    assert.throws(() => lib.createSocketPair('dgram', bad), { code: 'ERR_INVALID_ARG_TYPE' }, String(bad));
  }
  assert.throws(() => lib.createSocketPair('dgram', { readBufferSize: -1 }), { code: 'ERR_OUT_OF_RANGE' });
  assert.throws(() => lib.createSocketPair('seqpacket', { receiveFds: 1 }), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.strictEqual(openFds(), before);
});

test("seqpacket: when one socket closes, the other emits 'data', 'end' and 'close'", options, async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  const events = [];
  for (const event of ['data', 'end', 'error', 'close']) b.on(event, () => events.push(event));
  await sent(a, 'last');
  a.close();
  await once(b, 'close');
  assert.deepStrictEqual(events, ['data', 'end', 'close']);
});
