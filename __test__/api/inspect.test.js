'use strict';
// util.inspect of unusual objects, and of the exports; structuredClone and postMessage.

const test = require('node:test');
const assert = require('node:assert');
const { inspect } = require('node:util');
const worker = require('node:worker_threads');
const { deadline, runChild } = require('../helpers');
const { lib } = require('../helpers/lib');
const { closing } = require('../helpers/sockets');

const options = { timeout: deadline };
const custom = inspect.custom;

test('console.log of the exports shows classes and functions', options, async (t) => {
  const { stdout, stderr } = await runChild(t, () => {
    console.log(lib);
    console.log(Object.keys(lib).join(' '), JSON.stringify(Object.getOwnPropertySymbols(lib).length));
  });
  assert.strictEqual(stderr, '');
  assert.doesNotMatch(stdout, /Getter/);
  for (const name of Object.keys(lib)) {
    assert.match(stdout, new RegExp(`  ${name}: \\[(class|Function)`));
  }
});

test('import of the exports finds the same names', options, async (t) => {
  const { stdout } = await runChild(
    t,
    `import(libPath + '/js/index.js').then((ns) => console.log(Object.keys(ns).join()));`,
  );
  const names = stdout.trim().split(',');
  const ofNode = ['default', 'module.exports']; // the latter from Node.js 23 on
  assert.deepStrictEqual(names.filter((name) => !ofNode.includes(name)).sort(), Object.keys(lib).sort());
});

/** Objects that a program may pass to console.log, and how the text begins. */
const unusual = {
  'a prototype': [() => lib.DgramSocket.prototype, /^/],
  'the prototype of a subclass': [() => class extends lib.SeqpacketServer {}.prototype, /^/],
  'an object that inherits from a socket': [(socket) => Object.create(socket), /^DgramSocket \{/],
  'an object that inherits from a prototype': [() => Object.create(lib.DgramSocket.prototype), /^\[DgramSocket\]$/],
  'a socket of an unnamed subclass': [
    (_socket, t) => closing(t, new (class extends lib.DgramSocket {})()),
    /^DgramSocket \{/,
  ],
  'a socket without a constructor': [(socket) => Object.assign(socket, { constructor: undefined }), /^DgramSocket \{/],
  'a Proxy whose traps throw': [
    (socket) =>
      new Proxy(socket, {
        get() {
          throw new Error('mine');
        },
      }),
    /^\[Object\]$/,
  ],
  'a socket with a property that throws': [
    (socket) =>
      Object.defineProperty(socket, 'mine', {
        enumerable: true,
        get() {
          throw new Error('mine');
        },
      }),
    /^DgramSocket \{[\s\S]*mine: undefined/,
  ],
  'a socket that refers to itself': [
    (socket) => Object.assign(socket, { self: socket }),
    /^DgramSocket \{[\s\S]*self: \[Circular\]/,
  ],
};

for (const [what, [make, expected]] of Object.entries(unusual)) {
  test(`inspect() of ${what}`, options, (t) => {
    const socket = closing(t, new lib.DgramSocket());
    const object = make(socket, t);
    for (const depth of [0, 2, null]) assert.match(inspect(object, { depth, showHidden: true }), expected);
  });
}

test('the inspect function of a socket can be called without arguments', options, (t) => {
  const socket = closing(t, new lib.DgramSocket());
  assert.match(socket[custom](), /^DgramSocket \{\n {2}fd: \d+,/);
});

test('the properties of a socket are shown as deep as those of another object', options, (t) => {
  const socket = closing(t, new lib.DgramSocket());
  socket.mine = { a: { b: { c: { d: 1 } } } };
  assert.ok(inspect(socket).includes('mine: { a: { b: [Object] } }'));
  assert.ok(inspect({ mine: socket.mine }).includes('mine: { a: { b: [Object] } }'));
  assert.ok(inspect({ socket }, { depth: 1 }).includes('mine: [Object]'));
});

const uncloneable = typeof worker.markAsUncloneable === 'function';
const ways = {
  structuredClone: (object) => structuredClone(object),
  postMessage: (object) => {
    const { port1 } = new MessageChannel();
    try {
      port1.postMessage(object);
    } finally {
      port1.close();
    }
  },
};

for (const [name, clone] of Object.entries(ways)) {
  test(`${name}() of a socket or server throws`, options, async (t) => {
    for (const Class of [lib.DgramSocket, lib.SeqpacketSocket, lib.SeqpacketServer]) {
      const object = closing(t, new Class());
      // Before markAsUncloneable, in Node.js 22.10, an EventEmitter without listeners is cloned as a plain object.
      if (!uncloneable) object.on('error', () => {});
      assert.throws(() => clone(object), { name: 'DataCloneError' });
      assert.strictEqual(object.closed, false);
    }
  });
}

for (const flag of ['--pending-deprecation', '--pending_deprecation', '--throw-deprecation']) {
  test(`no deprecation with ${flag}`, options, async (t) => {
    const nodeArgs = [flag, ...(flag === '--throw-deprecation' ? ['--pending-deprecation'] : [])];
    const { code, stdout, stderr } = await runChild(
      t,
      () => {
        const [a, b] = lib.createSocketPair('seqpacket');
        let count = 0;
        b.on('data', () => {
          if (++count < 10) return;
          console.log('all');
          a.destroy();
          b.destroy();
        });
        for (let i = 0; i < 10; i++) a.write('x');
      },
      { nodeArgs },
    );
    assert.deepStrictEqual({ code, stdout, stderr }, { code: 0, stdout: 'all\n', stderr: '' });
  });
}
