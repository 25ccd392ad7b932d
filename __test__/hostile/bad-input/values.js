'use strict';

/** Hostile values: name -> a function that creates one, because some cannot be used twice. */

/** The error of hostile getters, proxies and conversions. A call may throw it. */
class HostileError extends Error {}

const hostile = () => {
  throw new HostileError('hostile');
};

const traps = Object.fromEntries(
  Object.getOwnPropertyNames(Reflect)
    .filter((name) => typeof Reflect[name] === 'function')
    .map((name) => [name, hostile]),
);

function detached() {
  const buffer = new ArrayBuffer(16);
  const view = new Uint8Array(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return view;
}

/** If Node.js has resizable buffers: a view of one, and a view of one that was shrunk. */
const resizable = ArrayBuffer.prototype.resize
  ? {
      'a view of a resizable buffer': () => new Uint8Array(new ArrayBuffer(16, { maxByteLength: 64 })),
      'a view out of bounds': () => {
        const buffer = new ArrayBuffer(16, { maxByteLength: 64 });
        const view = new Uint8Array(buffer, 8, 8);
        buffer.resize(4);
        return view;
      },
    }
  : {};

const large = Buffer.alloc(64 << 20);
const largeText = 'x'.repeat(64 << 20);

const values = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  false: () => false,
  0: () => 0,
  '-0': () => -0,
  1: () => 1,
  '-1': () => -1,
  0.5: () => 0.5,
  NaN: () => NaN,
  Infinity: () => Infinity,
  '-Infinity': () => -Infinity,
  '2 ** 31': () => 2 ** 31,
  '2 ** 32': () => 2 ** 32,
  '2 ** 32 + 3': () => 2 ** 32 + 3,
  '2 ** 53': () => 2 ** 53,
  '-(2 ** 31) - 1': () => -(2 ** 31) - 1,
  '3n': () => 3n,
  'a symbol': () => Symbol('hostile'),
  'an empty string': () => '',
  'a string': () => 'text',
  'a numeric string': () => '1',
  'a string with NUL inside': () => 'te\0xt',
  'an abstract name': () => '\0',
  'a lone surrogate': () => '\ud800',
  'a string of 109 bytes': () => 'x'.repeat(109),
  'a string of 64 MiB': () => largeText,
  'an object': () => ({}),
  'an object without prototype': () => Object.create(null),
  'an object with hostile conversions': () => ({ valueOf: hostile, toString: hostile, [Symbol.toPrimitive]: hostile }),
  'an object that looks like a Buffer': () => ({ length: 4, byteLength: 4, buffer: new ArrayBuffer(4), byteOffset: 0 }),
  'a Buffer that is none': () => Object.create(Buffer.prototype),
  'a boxed number': () => Object(1),
  'a boxed string': () => Object('text'),
  'a hostile proxy': () => new Proxy({}, traps),
  'a hostile proxy of an array': () => new Proxy([], traps),
  'a hostile proxy of a Buffer': () => new Proxy(Buffer.from('text'), traps),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'an array': () => [],
  'a sparse array': () => new Array(3),
  'an array of numbers': () => [1, 2],
  'a nested array': () => [['text']],
  'an array with a hostile element': () => Object.defineProperty(['text'], 1, { get: hostile, enumerable: true }),
  'an array of bad descriptors': () => [-1],
  'an array of a closed descriptor': () => [987654],
  'an array of 254 descriptors': () => new Array(254).fill(0),
  'an array of 5000 strings': () => new Array(5000).fill('x'),
  'a function': () => () => {},
  'a function that throws': () => hostile,
  'a class': () => class {},
  'a Date': () => new Date(0),
  'a Map': () => new Map(),
  'a Promise': () => Promise.resolve(),
  'an Error': () => new Error('hostile'),
  'an aborted signal': () => AbortSignal.abort(),
  'an ArrayBuffer': () => new ArrayBuffer(8),
  'a SharedArrayBuffer': () => new SharedArrayBuffer(8),
  'a view of shared memory': () => new Uint8Array(new SharedArrayBuffer(8)),
  'a DataView': () => new DataView(new ArrayBuffer(8)),
  'a Float64Array': () => new Float64Array(2),
  'an empty Buffer': () => Buffer.alloc(0),
  'a Buffer': () => Buffer.from('text'),
  'a Buffer with NUL inside': () => Buffer.from('te\0xt'),
  'a Buffer of 109 bytes': () => Buffer.alloc(109, 'x'),
  'a Buffer of 64 MiB': () => large,
  'a detached view': detached,
  ...resizable,
};

module.exports = { HostileError, hostile, values };
