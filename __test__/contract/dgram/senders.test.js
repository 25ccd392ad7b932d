'use strict';
// The name that is passed with a datagram is the name of its sender, also after a message that was not delivered.

const test = require('node:test');
const assert = require('node:assert');
const { deadline } = require('../../helpers');
const { isolated } = require('../../helpers/isolated');
const { abstractName, dgram, messages, range, turns } = require('../../helpers/sockets');

const linuxOnly = process.platform === 'linux';
const canTransfer = typeof ArrayBuffer.prototype.transfer === 'function';

/** A receiver, and senders of these names, as [name, socket]. */
function sockets(t, names, options) {
  const receiver = dgram(t, abstractName('receiver'), options);
  const senders = names.map((name) => {
    const path = abstractName(name);
    const socket = dgram(t, path);
    return { path, send: (text) => socket.send(text, receiver.address()) };
  });
  return [receiver, ...senders];
}

/** Collects [text, path] of messages, and checks that rawPath agrees with the path. */
function collect(receiver, got, onMessage = () => {}) {
  receiver.on('data', (data, path, info) => {
    assert.strictEqual(String(info.rawPath), path);
    got.push([String(data), path]);
    onMessage(data);
  });
}

if (linuxOnly) {
  isolated('alternating and repeated senders, in batches and alone, are told by their names', async (t) => {
    const [receiver, alice, bob] = sockets(t, ['alice', 'bob']);
    const unnamed = dgram(t);
    const expected = [];
    const got = [];
    // At most 10 messages each, because more do not fit into the receive queue, and order is kept for each sender only.
    for (const pattern of ['ab', 'aab', 'abb', 'uab', 'aua', 'aaaaabbbbb', 'u']) {
      receiver.removeAllListeners('data');
      for (const letter of pattern) {
        const [path, send] = {
          a: [alice.path, alice.send],
          b: [bob.path, bob.send],
          u: ['', (text) => unnamed.send(text, receiver.address())],
        }[letter];
        send(letter);
        expected.push([letter, path]);
      }
      collect(receiver, got);
      while (got.length < expected.length) await turns(1);
    }
    assert.deepStrictEqual(got, expected);
  });

  isolated('the name of a sender whose first message is lost comes with the next message', async (t) => {
    const [receiver, alice, bob] = sockets(t, ['alice', 'bob'], { paused: true });
    const got = [];
    const { alloc } = Buffer;
    const failed = [];
    process.on('uncaughtException', (err) => failed.push(err.message));
    collect(receiver, got, () => {
      // Like a failed allocation: the library allocates nothing else this way.
      Buffer.alloc = () => {
        Buffer.alloc = alloc;
        throw new RangeError('Array buffer allocation failed');
      };
    });
    alice.send('a1');
    bob.send('');
    bob.send('b2');
    receiver.resume();
    while (got.length < 2) await turns(1);
    assert.deepStrictEqual(failed, ['Array buffer allocation failed']);
    assert.deepStrictEqual(got, [
      ['a1', alice.path],
      ['b2', bob.path],
    ]);
  });

  isolated('the name of a sender whose listener throws is right for the next message', async (t) => {
    const [receiver, alice, bob] = sockets(t, ['alice', 'bob'], { paused: true });
    const got = [];
    process.on('uncaughtException', () => {});
    collect(receiver, got, () => {
      throw new Error('mine');
    });
    for (const sender of [alice, bob, bob, alice, alice]) sender.send('x');
    receiver.resume();
    while (got.length < 5) await turns(1);
    assert.deepStrictEqual(
      got.map(([, path]) => path),
      [alice, bob, bob, alice, alice].map(({ path }) => path),
    );
  });

  isolated('messages that are refused and delivered later keep their senders', async (t) => {
    const [receiver, ...senders] = sockets(t, ['a', 'b', 'c']);
    const expected = [];
    for (const i of range(10)) {
      const sender = senders[(i * i) % 3];
      sender.send(String(i));
      expected.push([String(i), sender.path]);
    }
    const got = [];
    while (got.length < 10) {
      for (const { data, path } of await messages(receiver, 1)) got.push([String(data), path]);
      if (got.length % 4 === 0) receiver.pause();
      await turns(2);
      receiver.resume();
    }
    assert.deepStrictEqual(got, expected);
  });

  if (canTransfer) {
    isolated('transfer() of the memory of one message: later messages have the names of their senders', async (t) => {
      const [receiver, alice, bob] = sockets(t, ['alice', 'bob'], { paused: true });
      const got = [];
      process.on('uncaughtException', (err) => assert.ok(err instanceof TypeError, err)); // messages in that memory
      let first = true;
      collect(receiver, got, (data) => {
        if (first) {
          first = false;
          data.buffer.transfer();
        }
      });
      alice.send('a1');
      bob.send('b1');
      bob.send('b2');
      receiver.resume();
      await turns();
      bob.send('b3');
      while (got.length === 0 || got[got.length - 1][0] !== 'b3') await turns(1);
      for (const [text, path] of got) assert.strictEqual(path, text[0] === 'a' ? alice.path : bob.path);
    });
  }
} else {
  test('senders', { timeout: deadline, skip: 'abstract names are for Linux' }, () => {});
}
