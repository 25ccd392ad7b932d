'use strict';
// Views and callbacks with getters that lie, throw, or change the sockets during a call.

const test = require('node:test');
const assert = require('node:assert');
const { deadline } = require('../helpers');
const { abstractName, dgram, pair, post, texts, turns } = require('../helpers/sockets');

const options = { timeout: deadline };

/** A view that calls `act` each time its `property` is read. */
function acting(text, property, act) {
  class Acting extends Uint8Array {}
  const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), property);
  Object.defineProperty(Acting.prototype, property, {
    get() {
      act();
      return get.call(this);
    },
  });
  return new Acting(Buffer.from(text));
}

for (const type of ['seqpacket', 'dgram']) {
  for (const property of ['byteLength', 'byteOffset', 'buffer', 'length']) {
    test(
      `${type}: a corked message whose ${property} getter calls uncork() arrives at the right peer`,
      options,
      async (t) => {
        const [a, b] = pair(t, type);
        const [other, otherPeer] = pair(t, type);
        a.cork();
        post(a, 'first');
        post(
          a,
          acting('second', property, () => a.uncork()),
          () => {},
        );
        a.uncork();
        other.cork();
        post(other, 'of the other');
        other.uncork();
        assert.deepStrictEqual(await texts(b, 2), ['first', 'second']);
        assert.deepStrictEqual(await texts(otherPeer, 1), ['of the other']);
      },
    );

    test(
      `${type}: a corked message whose ${property} getter calls close(): its callback runs once`,
      options,
      async (t) => {
        const [a] = pair(t, type);
        const outcomes = [];
        const bytes = acting('x', property, () => a.close());
        a.cork();
        try {
          post(a, bytes, (err) => outcomes.push(err ? err.code : null));
        } catch (err) {
          outcomes.push(err.code);
        }
        await turns();
        // If the property is not read, the socket stays open and sends the message.
        assert.deepStrictEqual(outcomes, [a.closed ? 'ERR_SOCKET_CLOSED' : null]);
      },
    );
  }
}

test('a view with a false byteLength sends no bytes of other messages', options, async (t) => {
  const [a, b] = pair(t, 'seqpacket');
  class Long extends Uint8Array {
    get byteLength() {
      return 60;
    }
  }
  a.cork();
  post(a, 'secret'.repeat(10));
  try {
    post(a, new Long([65]), () => {});
  } catch (err) {
    assert.strictEqual(err.name, 'RangeError');
  }
  post(a, 'last');
  a.uncork();
  assert.deepStrictEqual(await texts(b, 2), ['secret'.repeat(10), 'last']);
});

/** A callback that records its calls, and whose `length` throws. */
function odd(called, name) {
  return Object.defineProperty((err) => called.push(err ? `${name}: ${err.code}` : name), 'length', {
    get() {
      throw new Error('from a getter');
    },
  });
}

test('a callback whose length throws runs on success, and so do later callbacks', options, async (t) => {
  const [a, b] = pair(t, 'seqpacket', { paused: true });
  const called = [];
  a.write('sent at once', odd(called, 'first'));
  while (a.writableLength === 0) a.write(Buffer.alloc(10000));
  a.write('waits', odd(called, 'second'));
  a.write('waits', () => called.push('third'));
  const done = new Promise((resolve) => a.write('waits', resolve));
  b.on('data', () => {}).resume();
  await done;
  assert.deepStrictEqual(called, ['first', 'second', 'third']);
});

test('a callback whose length throws runs on failure, and so do later callbacks', options, async (t) => {
  const [a] = pair(t, 'seqpacket', { paused: true });
  const called = [];
  a.write(Buffer.alloc(1 << 24), odd(called, 'too large'));
  while (a.writableLength === 0) a.write(Buffer.alloc(10000));
  a.write('waits', odd(called, 'first'));
  a.write('waits', (err) => called.push(`second: ${err.code}`));
  a.destroy();
  await turns();
  const closed = ['first: ERR_SOCKET_CLOSED', 'second: ERR_SOCKET_CLOSED'];
  assert.deepStrictEqual(called, ['too large: EMSGSIZE', ...closed]);
});

test('a Uint8Array of another realm can be a socket name', options, async (t) => {
  const name = abstractName();
  const foreign = require('node:vm').runInNewContext('new Uint8Array(bytes)', { bytes: [...Buffer.from(name)] });
  const receiver = dgram(t, foreign);
  assert.strictEqual(receiver.address(), name);
  dgram(t).send('x', foreign);
  assert.deepStrictEqual(await texts(receiver, 1), ['x']);
});

/** Four bytes whose length, byteLength and byteOffset getters return `says`. */
function lying(says) {
  class Lying extends Uint8Array {}
  for (const property of ['byteLength', 'length', 'byteOffset']) {
    Object.defineProperty(Lying.prototype, property, { get: () => says });
  }
  return new Lying([0, 0x61, 0x62, 0x63]);
}

for (const says of [-1, 8, 2 ** 32]) {
  test(`a socket name with a false byteLength of ${says} has its true bytes`, options, async (t) => {
    const a = dgram(t);
    a.bind(Buffer.from(abstractName()));
    const coded = { code: 'ECONNREFUSED' };
    assert.throws(() => a.connect(lying(says)), coded);
  });

  for (const type of ['seqpacket', 'dgram']) {
    test(
      `${type}: a corked message with a false byteLength of ${says} fails alone, the others arrive`,
      options,
      async (t) => {
        const [a, b] = pair(t, type);
        a.on('error', ({ code }) => assert.strictEqual(code, 'EFAULT'));
        a.cork();
        post(a, 'before');
        try {
          post(a, lying(says), () => {});
        } catch (err) {
          assert.strictEqual(err.code, 'ERR_OUT_OF_RANGE', err.stack);
        }
        post(a, 'after');
        a.uncork();
        assert.deepStrictEqual(await texts(b, 2), ['before', 'after']);
      },
    );
  }
}
