'use strict';
// A subscriber of the drop channel that closes the socket.

const test = require('node:test');
const assert = require('node:assert');
const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const { deadline, once, sockPath } = require('../helpers');
const { dgram, pair, post, turns } = require('../helpers/sockets');

const options = { timeout: deadline };

/** Closes each socket that drops messages. Returns the error codes that the channel published. */
function closingDrops(t) {
  const codes = [];
  const listener = ({ socket, error }) => {
    codes.push(error.code);
    assert.ok(codes.length < 100, 'too many messages of the channel');
    socket.close();
    socket.destroy?.();
  };
  subscribe('node-unix-socket:drop', listener);
  t.after(() => unsubscribe('node-unix-socket:drop', listener));
  return codes;
}

/** Sends messages until one is queued, and one more. Returns the error codes of their callbacks. */
function fillUp(socket, path) {
  const codes = [];
  const done = (err) => codes.push(err ? err.code : null);
  const put = path === undefined ? () => post(socket, Buffer.alloc(5000), done) : () => socket.send('x', path, done);
  while (socket.writableLength === 0) put();
  put();
  return codes;
}

for (const type of ['seqpacket', 'dgram']) {
  test(`${type}: close() with queued messages: one message of the channel, one 'close'`, options, async (t) => {
    const told = closingDrops(t);
    const [a] = pair(t, type, { paused: true });
    const codes = fillUp(a);
    let closes = 0;
    a.on('close', () => closes++).close();
    await once(a, 'close');
    await turns();
    assert.deepStrictEqual(told, ['ERR_SOCKET_CLOSED']);
    assert.strictEqual(closes, 1);
    assert.deepStrictEqual(codes.slice(-2), ['ERR_SOCKET_CLOSED', 'ERR_SOCKET_CLOSED']);
  });

  test(`${type}: a message that fails at once: one message of the channel, one callback`, options, async (t) => {
    const told = closingDrops(t);
    const [a] = pair(t, type);
    const codes = [];
    post(a, Buffer.alloc(1 << 24), (err) => codes.push(err.code));
    if (!a.closed) await once(a, 'close');
    await turns();
    assert.deepStrictEqual([told, codes], [['EMSGSIZE'], ['EMSGSIZE']]);
  });
}

test('queued messages that fail: each callback runs once', options, async (t) => {
  const told = closingDrops(t);
  const path = sockPath(t);
  const receiver = dgram(t, path, { paused: true });
  const sender = dgram(t);
  const codes = fillUp(sender, path);
  const sent = codes.length;
  receiver.close();
  await once(sender, 'close');
  await turns();
  assert.deepStrictEqual(told, ['ECONNREFUSED', 'ECONNREFUSED']);
  assert.deepStrictEqual(codes.slice(sent).filter(Boolean), ['ECONNREFUSED', 'ECONNREFUSED']);
});
