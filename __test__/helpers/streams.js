'use strict';

/** Byte streams over pairs of sockets, and large bodies that are checked byte by byte. */
const assert = require('node:assert');
const { createHash } = require('node:crypto');
const { once } = require('node:events');
const { lib } = require('./lib');

/** The streams of a pair, destroyed after the test. The options are those of createSocketPair() and of toDuplex(). */
function streamPair(t, socketOptions, streamOptions = { bytes: true }) {
  return lib.createSocketPair('seqpacket', socketOptions).map((socket) => {
    const stream = socket.toDuplex(streamOptions);
    t.after(() => stream.destroy());
    return stream;
  });
}

/** Bytes in which a part that is lost, repeated or moved does not go unnoticed. */
function body(length, seed = 1) {
  const bytes = Buffer.allocUnsafe(length);
  let word = seed;
  for (let i = 0; i < length; i++) {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    bytes[i] = word >>> 24;
  }
  return bytes;
}

/** All bytes that a stream has until it ends. Rejects on 'error'. */
async function readAll(stream) {
  const chunks = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}

/** Compares long buffers, without printing them. */
function assertSameBytes(actual, expected) {
  const summary = (bytes) => ({ length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  assert.deepStrictEqual(summary(actual), summary(expected));
}

module.exports = { assertSameBytes, body, readAll, streamPair };
