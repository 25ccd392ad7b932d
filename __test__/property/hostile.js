'use strict';
// Calls that must throw an error with a code and have no other effect, or do nothing. The error of a getter is thrown.

const { lib } = require('../helpers/lib');
const { check } = require('./route');

const boom = Object.assign(new Error('from a getter'), { code: 'GETTER' });
const trap = {
  get fds() {
    throw boom;
  },
  get mode() {
    throw boom;
  },
};
/** A signal whose addEventListener throws. */
const deafSignal = {
  aborted: false,
  addEventListener() {
    throw boom;
  },
};

function detached() {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

const post = (end) => (end.dgram ? 'send' : 'write');
const bytes = Buffer.from('hostile');

/** Method and arguments that are invalid for an open socket. */
const CALLS = [
  (end) => [post(end), undefined],
  (end) => [post(end), null],
  (end) => [post(end), 5],
  (end) => [post(end), {}],
  (end) => [post(end), Symbol('x')],
  (end) => [post(end), [bytes, 1]],
  (end) => [post(end), new Array(3)],
  (end) => [post(end), bytes, end.dgram ? 5 : -1],
  (end) => [post(end), bytes, end.dgram ? '' : NaN],
  (end) => [post(end), bytes, end.dgram ? 'a\0b' : 1.5],
  (end) => [post(end), bytes, end.dgram ? 'x'.repeat(109) : 2 ** 32 + 3],
  (end) => (end.dgram ? ['send', bytes, undefined, { fds: [-1] }] : ['write', bytes, { fds: [-1] }]),
  (end) => (end.dgram ? ['send', bytes, undefined, { fds: 'x' }] : ['write', bytes, { fds: new Array(254).fill(0) }]),
  (end) => (end.dgram ? ['send', bytes, undefined, { fds: [2 ** 31 - 1] }, () => {}] : ['write', bytes, trap]),
  (end) => (end.dgram ? ['send', bytes, undefined, trap] : ['write', bytes, 0, 8]),
  (end) => (end.dgram ? ['sendTo', bytes, 0, 8, '\0x'] : ['write', detached(), 1]),
  (end) => (end.dgram ? ['sendTo', detached(), 0, 1, '\0x'] : ['write', 'text', 1]),
  (end) => (end.dgram ? ['sendTo', 'text', 0, 1, '\0x'] : ['connect', '\0nobody-there']),
  (end) => (end.dgram ? ['bind', ''] : ['connect', { path: 5 }]),
  (end) => (end.dgram ? ['bind', '\0x', trap] : ['end', 5]),
  () => ['setRecvBufferSize', 0],
  () => ['setSendBufferSize', NaN],
  (end) => (end.dgram ? ['connect', '\0nobody-there'] : ['setInternalReadBufferSize', -1]),
  () => ['setRecvBufferSize', '4096'],
  () => ['setSendBufferSize', 2 ** 31],
  (end) => (end.dgram ? ['connect', {}] : ['setInternalReadBufferSize', { valueOf: () => 4096 }]),
  (end) => (end.dgram ? ['connect', new Uint8Array(0)] : ['connect', { path: '\0x', signal: deafSignal }]),
];

/** Methods that do nothing on a closed socket. */
const NO_OPS = ['end'];

/** Constructors that must throw and leave no descriptor open. */
function construct(dgram) {
  const type = dgram ? 'dgram' : 'seqpacket';
  for (const make of [
    () => new lib.DgramSocket({ signal: deafSignal }),
    () => lib.createSocketPair(type, { signal: deafSignal }),
  ]) {
    let thrown;
    try {
      make();
    } catch (err) {
      thrown = err;
    }
    check(thrown === boom, `a signal's error became ${thrown}`);
  }
}

function hostile(end, number) {
  if (number % (CALLS.length + 1) === CALLS.length) return construct(end.dgram);
  const [method, ...args] = CALLS[number % (CALLS.length + 1)](end);
  let thrown;
  try {
    end.socket[method](...args);
  } catch (err) {
    thrown = err;
  }
  // The error of the 14th call goes to its callback.
  if (thrown === undefined && (args.length > 3 || NO_OPS.includes(method))) return undefined;
  check(thrown !== undefined, `${method} accepted the arguments of hostile call ${number % (CALLS.length + 1)}`);
  check(typeof thrown.code === 'string', `${method} threw ${thrown.stack}`);
}

module.exports = { hostile };
