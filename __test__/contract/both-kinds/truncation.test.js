'use strict';
// Messages larger than the read buffer are truncated, and info.size and info.truncated report it.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, python, sockPath } = require('../../helpers');
const { client, closing, dgram, messages, numbered, pair, post, range, sent, serve } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };
const DEFAULT = 262144;

/** Bytes whose values depend on their positions. */
const pattern = (length, seed = 0) => Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7 + seed) % 251));

function check({ data, info }, message, limit) {
  const cut = message.length > limit;
  assert.ok(data.equals(message.subarray(0, limit)), `${data.length} bytes`);
  assert.deepStrictEqual([info.size, info.truncated], [message.length, cut]);
}

for (const type of ['seqpacket', 'dgram']) {
  describe(type, () => {
    test(
      'a message of readBufferSize bytes is whole, a longer one is truncated, the next one is whole',
      options,
      async (t) => {
        for (const readBufferSize of [1, 100, 1000, 65536]) {
          const [a, b] = pair(t, type, { readBufferSize });
          const lengths = [readBufferSize - 1, readBufferSize, readBufferSize + 1, readBufferSize * 2, 0, 1];
          const all = lengths.map((length, i) => pattern(length, i));
          for (const message of all) post(a, message);
          for (const [i, got] of (await messages(b, all.length)).entries()) check(got, all[i], readBufferSize);
        }
      },
    );

    test('readBufferSize is 262,144 by default', options, async (t) => {
      const [a, b] = pair(t, type);
      a.setSendBufferSize(DEFAULT * 2);
      for (const length of [DEFAULT, DEFAULT + 1, 65535, 65537]) {
        const message = pattern(length);
        await sent(a, message);
        check((await messages(b, 1))[0], message, DEFAULT);
      }
    });

    test('a message of 1 MiB arrives whole if both sockets have buffers for it', options, async (t) => {
      const [a, b] = pair(t, type, { readBufferSize: 1 << 20 });
      a.setSendBufferSize(3 << 20);
      if (a.getSendBufferSize() < 2 << 20) return t.skip('net.core.wmem_max is too small');
      const message = pattern(1 << 20);
      await sent(a, message);
      check((await messages(b, 1))[0], message, 1 << 20);
    });

    test('truncated and whole messages in one batch have the right content', options, async (t) => {
      const [a, b] = pair(t, type, { readBufferSize: 500 });
      const all = range(100).map((i) => pattern((i * 37) % 1000, i));
      for (const message of all) post(a, message);
      for (const [i, got] of (await messages(b, 100)).entries()) check(got, all[i], 500);
    });

    test(
      'a delivered Buffer does not change when later messages arrive or another Buffer is written to',
      options,
      async (t) => {
        const [a, b] = pair(t, type, { readBufferSize: 5000 });
        for (const size of [8, 100, 5000]) {
          const first = messages(b, 50);
          for (const i of range(50)) post(a, numbered(i, size));
          const kept = (await first).map(({ data }) => data);
          const later = messages(b, 50);
          for (const _ of range(50)) post(a, Buffer.alloc(size, 0xff));
          await later;
          for (const [i, data] of kept.entries()) assert.ok(data.equals(numbered(i, size)));
          kept[0].fill(0xee);
          assert.ok(kept[1].equals(numbered(1, size)));
        }
      },
    );
  });
}

test('truncated messages of a Python peer have its sizes in info.size', options, async (t) => {
  const socket = dgram(t, sockPath(t), { readBufferSize: 10 });
  python(
    t,
    `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for n in (9, 10, 11, 50000):
    s.sendto(b'x' * n, sys.argv[1])`,
    [socket.address()],
  );
  const got = (await messages(socket, 4)).map(({ data, info }) => [data.length, info.size, info.truncated]);
  assert.deepStrictEqual(got, [
    [9, 9, false],
    [10, 10, false],
    [10, 11, true],
    [10, 50000, true],
  ]);
});

test('readBufferSize of listen() applies to accepted sockets', options, async (t) => {
  const server = serve(t, { socket: { readBufferSize: 3 } });
  const connection = once(server, 'connection');
  await sent(client(t, server.address()), 'abcdef');
  const [peer] = await connection;
  closing(t, peer);
  assert.strictEqual(peer.getInternalReadBufferSize(), 3);
  check((await messages(peer, 1))[0], Buffer.from('abcdef'), 3);
});

test('setInternalReadBufferSize() applies to the next message received', options, async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  assert.strictEqual(b.getInternalReadBufferSize(), DEFAULT);
  for (const size of [4, 100, 2, 300000]) {
    b.setInternalReadBufferSize(size);
    assert.strictEqual(b.getInternalReadBufferSize(), size);
    await sent(a, 'abcdefgh');
    check((await messages(b, 1))[0], Buffer.from('abcdefgh'), size);
  }
});

test('invalid sizes throw', options, (t) => {
  const [a] = pair(t, 'seqpacket');
  for (const bad of [-1, 1.5, NaN, 2 ** 53, 2 ** 32 + 3]) {
    assert.throws(() => a.setInternalReadBufferSize(bad), { code: 'ERR_OUT_OF_RANGE' }, String(bad));
    for (const Class of [lib.SeqpacketSocket, lib.DgramSocket]) {
      assert.throws(() => new Class({ readBufferSize: bad }), { code: 'ERR_OUT_OF_RANGE' }, String(bad));
    }
  }
  for (const bad of ['1', {}, true]) {
    assert.throws(() => a.setInternalReadBufferSize(bad), { code: 'ERR_INVALID_ARG_TYPE' });
    for (const Class of [lib.SeqpacketSocket, lib.DgramSocket]) {
      for (const name of ['readBufferSize', 'writableHighWaterMark', 'maxQueuedBytes']) {
        assert.throws(() => new Class({ [name]: bad }), { code: 'ERR_INVALID_ARG_TYPE' }, name);
      }
    }
  }
  assert.strictEqual(a.getInternalReadBufferSize(), DEFAULT);
});
