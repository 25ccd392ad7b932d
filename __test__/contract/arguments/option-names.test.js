'use strict';
// Unknown options: those that look like a mistake are refused and the known one is named; others are ignored.

const { test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const { deadline, sockPath } = require('../../helpers');
const { closing, dgram, newServer, pair } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };

/** For each call with options: a function that makes it, and mistakes in the names of its options. */
const calls = {
  'new DgramSocket': [
    (t, given) => closing(t, new lib.DgramSocket(given)),
    {
      fds: 'fd',
      highWaterMark: 'writableHighWaterMark',
      writableHighWatermark: 'writableHighWaterMark',
      readbuffersize: 'readBufferSize',
      read_buffer_size: 'readBufferSize',
      maxQueueBytes: 'maxQueuedBytes',
      maxQueuedByte: 'maxQueuedBytes',
      recieveFds: 'receiveFds',
      receiveFDs: 'receiveFds',
      receiveCredential: 'receiveCredentials',
      credentials: 'receiveCredentials',
      Paused: 'paused',
      busypoll: 'busyPoll',
      abortSignal: 'signal',
      mode: 'bind() and listen()',
      backlog: 'listen()',
    },
  ],
  'new SeqpacketSocket': [
    (t, given) => closing(t, new lib.SeqpacketSocket(given)),
    { fds: 'fd', allowHalfopen: 'allowHalfOpen', halfOpen: undefined, mode: 'bind() and listen()' },
  ],
  createSocketPair: [
    (t, given) => lib.createSocketPair('dgram', given).map((socket) => closing(t, socket)),
    { fds: 'fd', pause: 'paused', unlinkOnClose: 'bind() and listen()' },
  ],
  'new SeqpacketServer': [
    (t, given) => newServer(t, given),
    { maxconnections: 'maxConnections', maxConnection: 'maxConnections', backlog: 'listen()' },
  ],
  bind: [
    (t, given) => dgram(t).bind(sockPath(t), given),
    {
      unlink: '"unlinkStale" or "unlinkOnClose"',
      permissions: 'mode',
      mdoe: 'mode',
      Mode: 'mode',
      backlog: 'listen()',
    },
  ],
  listen: [
    (t, given) => newServer(t).listen({ path: sockPath(t), ...given }),
    {
      unlinkstale: 'unlinkStale',
      unlinkOnclose: 'unlinkOnClose',
      back_log: 'backlog',
      sockets: 'socket',
      readBufferSize: 'new DgramSocket()',
      maxConnections: 'new SeqpacketServer()',
    },
  ],
  connect: [
    (t, given) => closing(t, new lib.SeqpacketSocket()).connect({ path: sockPath(t), ...given }),
    { timeOut: 'timeout', timeouts: 'timeout', receiveFds: 'new DgramSocket()' },
  ],
  send: [
    (t, given) => pair(t, 'dgram')[0].send('x', undefined, given),
    { fd: 'fds', Fds: 'fds', descriptors: 'fds', receiveFds: 'new DgramSocket()' },
  ],
  write: [(t, given) => pair(t, 'seqpacket')[0].write('x', given), { fd: 'fds', FDS: 'fds' }],
  createReuseportFd: [
    (_t, given) => lib.closeFd(lib.createReuseportFd(0, '127.0.0.1', given)),
    { ipv6only: 'ipv6Only', types: 'type', backlog: 'listen()' },
  ],
  listenReuseport: [
    (t, given) => closing(t, lib.listenReuseport(net.createServer(), { port: 0, host: '127.0.0.1', ...given })),
    { ipv6only: 'ipv6Only', hosts: 'host', backLog: 'backlog', unlinkStale: 'bind() and listen()' },
  ],
};

for (const [call, [make, mistakes]] of Object.entries(calls)) {
  test(`${call}(): options that look like a mistake are refused`, options, (t) => {
    for (const [name, known] of Object.entries(mistakes)) {
      const attempt = () => make(t, { [name]: true });
      if (known === undefined) {
        attempt();
        continue;
      }
      assert.throws(attempt, ({ code, message }) => {
        assert.strictEqual(code, 'ERR_INVALID_ARG_VALUE', message);
        assert.ok(message.startsWith(`The "options.${name}" property of ${call}() is unknown. `), message);
        assert.ok(message.includes(known), `${known} in ${message}`);
        return true;
      });
    }
  });

  test(`${call}(): other unknown options, and unknown ones without a value, are ignored`, options, (t) => {
    const mistakesWithoutValue = Object.fromEntries(Object.keys(mistakes).map((name) => [name, undefined]));
    const inherited = Object.create({ highWaterMark: 5, fds: [1], unlink: true, backLog: 5 });
    const hidden = Object.defineProperty({}, 'pauseds', { value: 1 });
    const unrelated = {
      id: 7,
      node: 1,
      exclusive: true,
      objectMode: true,
      [Symbol('fds')]: 1,
      name: 'x',
      constructor: 1,
    };
    for (const given of [unrelated, mistakesWithoutValue, inherited, hidden]) {
      try {
        make(t, given);
      } catch (err) {
        assert.ok(call === 'connect' && err.code === 'ENOENT', err.stack);
      }
    }
  });
}

test('one object with options of common names can be passed to several calls', options, (t) => {
  const { signal } = new AbortController();
  const shared = { path: sockPath(t), timeout: 5, signal, socket: { paused: true }, paused: true };
  const { paused, ...withoutPaused } = shared;
  newServer(t, withoutPaused).listen(withoutPaused);
  closing(t, new lib.SeqpacketSocket(shared)).connect(withoutPaused);
  closing(t, new lib.DgramSocket(shared)).bind(sockPath(t), withoutPaused);
  assert.strictEqual(paused, true);
});

test('options of accepted sockets: mistakes are refused by listen(), which creates no file', options, (t) => {
  const path = sockPath(t);
  const server = newServer(t);
  for (const [socket, known] of [
    [{ highWaterMark: 5 }, 'writableHighWaterMark'],
    [{ fds: [5] }, 'receiveFds'],
    [{ backlog: 5 }, 'listen()'],
  ]) {
    const [name] = Object.keys(socket);
    assert.throws(
      () => server.listen({ path, socket }),
      ({ code, message }) => {
        assert.strictEqual(code, 'ERR_INVALID_ARG_VALUE');
        assert.ok(message.startsWith(`The "options.socket.${name}" property of listen() is unknown. `), message);
        assert.ok(message.includes(known), message);
        return true;
      },
    );
  }
  assert.throws(() => server.listen({ path, fd: 3 }), {
    code: 'ERR_INVALID_ARG_VALUE',
    message: /either a path or an fd/,
  });
  assert.throws(() => server.listen({}), { code: 'ERR_INVALID_ARG_VALUE', message: /either a path or an fd/ });
  assert.strictEqual(fs.existsSync(path), false);
  assert.strictEqual(server.listening, false);
});

test('busyPoll is an integer from 0 to 1000 and allowHalfOpen a boolean', options, (t) => {
  for (const Class of [lib.DgramSocket, lib.SeqpacketSocket]) {
    for (const good of [{ busyPoll: 0 }, { busyPoll: 1000 }, { allowHalfOpen: false }, { allowHalfOpen: true }]) {
      closing(t, new Class(good));
    }
    for (const busyPoll of [-1, 0.5, 1001, NaN, Infinity]) {
      assert.throws(() => new Class({ busyPoll }), { code: 'ERR_OUT_OF_RANGE', message: /busyPoll/ });
    }
    for (const bad of [{ busyPoll: '5' }, { busyPoll: true }, { allowHalfOpen: 1 }, { allowHalfOpen: 'false' }]) {
      assert.throws(() => new Class(bad), { code: 'ERR_INVALID_ARG_TYPE' });
    }
  }
});
