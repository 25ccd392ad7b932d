'use strict';
// An argument in the wrong place is refused before the call has any effect; the error names the argument, the call and
// what was received.

const { test } = require('node:test');
const assert = require('node:assert');
const net = require('node:net');
const { deadline, openFds, sockPath } = require('../../helpers');
const { closing, dgram, newServer, pair, turns } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };
const buffer = Buffer.from('message');
const cb = () => assert.fail('the callback of a refused call was called');

/** Calls with a misplaced argument: the call, the name of the argument and what the message says about it. */
const cases = {
  'bind({ mode })': ['dgram', (socket) => socket.bind({ mode: 0o600 }), 'path', 'an object with the key "mode"'],
  'bind(path, mode)': ['dgram', (socket, path) => socket.bind(path, 0o600), 'options', 'type number (384)'],
  'send(msg, { fds })': ['dgram', (socket) => socket.send('x', { fds: [1] }), 'destPath', 'the key "fds"'],
  'send(msg, { fds }, cb)': ['dgram', (socket) => socket.send('x', { fds: [] }, cb), 'destPath', 'the key "fds"'],
  'send(msg, path, fd)': ['dgram', (socket, path) => socket.send('x', path, 1), 'options', 'type number (1)'],
  'send(msg, path, [fd])': ['dgram', (socket, path) => socket.send('x', path, [1]), 'options', 'an instance of Array'],
  'send(msg, path, buf)': [
    'dgram',
    (socket, path) => socket.send('x', path, buffer),
    'options',
    'an instance of Buffer',
  ],
  'send(msg, cb, path)': ['dgram', (socket, path) => socket.send('x', cb, path), 'callback', 'type string'],
  'send(msg, cb, undefined, path)': [
    'dgram',
    (socket, path) => socket.send('x', cb, undefined, path),
    'callback',
    'type string',
  ],
  'send(msg, path, cb, { fds })': [
    'dgram',
    (socket, path) => socket.send('x', path, cb, { fds: [1] }),
    'callback',
    'an object with the key "fds" after it',
  ],
  'send(path, cb)': ['dgram', (socket) => socket.send(cb), 'msg', 'a function'],
  'sendTo(buf, path)': ['dgram', (socket, path) => socket.sendTo(buffer, path), 'offset', 'type string'],
  'sendTo(buf, 0, path)': ['dgram', (socket, path) => socket.sendTo(buffer, 0, path), 'length', 'type string'],
  'sendTo(buf, 0, 7, cb)': ['dgram', (socket) => socket.sendTo(buffer, 0, 7, cb), 'destPath', 'a function'],
  'sendTo(buf, 0, 7, { path })': [
    'dgram',
    (socket, path) => socket.sendTo(buffer, 0, 7, { path }),
    'destPath',
    'an object with the key "path"',
  ],
  'connect({ path }) of a datagram socket': ['dgram', (socket, path) => socket.connect({ path }), 'path', 'the key'],
  'close(options)': ['dgram', (socket) => socket.close({}), 'callback', 'an empty object'],
  'write(msg, cb, { fds })': [
    'seqpacket',
    (socket) => socket.write('x', cb, { fds: [1] }),
    'callback',
    'the key "fds"',
  ],
  'write(msg, cb, undefined, 5)': [
    'seqpacket',
    (socket) => socket.write('x', cb, undefined, 5),
    'callback',
    'type number (5) after it',
  ],
  'write(msg, buf)': ['seqpacket', (socket) => socket.write('x', buffer), 'options', 'an instance of Buffer'],
  "write(text, 'utf8', cb)": ['seqpacket', (socket) => socket.write('x', 'utf8', cb), 'offset', 'type string (utf8)'],
  'write(text, 0, 1)': ['seqpacket', (socket) => socket.write('x', 0, 1), 'msg', 'type string (x)'],
  'write(buf, 0, cb)': ['seqpacket', (socket) => socket.write(buffer, 0, cb), 'length', 'a function'],
  'write(buf, [fd])': ['seqpacket', (socket) => socket.write(buffer, 0, 1, [1]), 'callback', 'an instance of Array'],
  'write([buf, 5])': ['seqpacket', (socket) => socket.write([buffer, 5]), 'msg[1]', 'type number (5)'],
  'end(cb, msg)': ['seqpacket', (socket) => socket.end(cb, 'bye'), 'callback', 'type string (bye) after it'],
  "end(msg, 'utf8')": ['seqpacket', (socket) => socket.end('bye', 'utf8'), 'callback', 'type string (utf8)'],
  'connect(path, { timeout })': [
    'seqpacket',
    (socket, path) => socket.connect(path, { timeout: 5 }),
    'callback',
    'an object with the key "timeout"',
  ],
  'connect(cb)': ['seqpacket', (socket) => socket.connect(cb), 'path', 'a function'],
  'listen(path, { mode })': [
    'server',
    (server, path) => server.listen(path, { mode: 0o600 }),
    'backlog',
    'an object with the key "mode"',
  ],
  'listen(path, cb, 5)': [
    'server',
    (server, path) => server.listen(path, cb, 5),
    'callback',
    'type number (5) after it',
  ],
  'listen(options, cb, 5)': ['server', (server, path) => server.listen({ path }, cb, 5), 'callback', 'type number (5)'],
  'listen(options, 5)': ['server', (server, path) => server.listen({ path }, 5), 'callback', 'type number (5)'],
  'listen(cb)': ['server', (server) => server.listen(cb), 'path', 'a function'],
};

const makers = {
  dgram: (t) => dgram(t),
  seqpacket: (t) => pair(t, 'seqpacket')[0],
  server: (t) => newServer(t),
};

for (const [what, [kind, call, name, received]] of Object.entries(cases)) {
  test(`${what} throws and names ${name}`, options, async (t) => {
    const socket = makers[kind](t);
    socket.on('error', (err) => assert.fail(err));
    const before = openFds();
    const method = /^\w+/.exec(what)[0];
    assert.throws(
      () => call(socket, sockPath(t)),
      (err) => {
        assert.match(err.code, /^ERR_INVALID_ARG_(TYPE|VALUE)$/);
        assert.ok(err.message.startsWith(`The "${name}" argument of ${method}() must be`), err.message);
        assert.ok(err.message.includes(`Received ${received}`) || err.message.includes(received), err.message);
        return true;
      },
    );
    await turns();
    assert.deepStrictEqual([socket.closed, openFds()], [false, before]);
  });
}

test('functions of the module name the argument, the call and what was received', options, (t) => {
  const server = closing(t, net.createServer());
  for (const [call, message] of [
    [
      () => lib.createSocketPair({ paused: true }),
      /"type" argument of createSocketPair\(\) must be 'seqpacket' or 'dgram'\. Received an object with the key "paused"/,
    ],
    [() => lib.createSocketPair('dgram', 5), /"options" argument of createSocketPair\(\) .*Received type number \(5\)/],
    [
      () => lib.createReuseportFd({ port: 1 }),
      /"port" argument of createReuseportFd\(\) .*Received an object with the key "port"/,
    ],
    [
      () => lib.createReuseportFd(0, { type: 'udp' }),
      /"host" argument of createReuseportFd\(\) must be an IP address: invalid host\. Received an object with the key "type"/,
    ],
    [
      () => lib.listenReuseport({ port: 0 }, server),
      /"server" argument of listenReuseport\(\) .*Received an object with the key "port"/,
    ],
    [() => lib.listenReuseport(server, 80), /"options" argument of listenReuseport\(\) .*Received type number \(80\)/],
    [() => lib.listenReuseport(server, { port: 0 }, {}), /"callback" argument of listenReuseport\(\) /],
    [() => new lib.SeqpacketSocket('/path'), /"options" argument of new SeqpacketSocket\(\) .*Received type string/],
    [() => new lib.SeqpacketServer(5), /"options" argument of new SeqpacketServer\(\) .*Received type number \(5\)/],
  ]) {
    assert.throws(call, message);
  }
});

test('a path that is too long names the argument and the call', options, (t) => {
  const long = `/${'x'.repeat(200)}`;
  const [socket] = pair(t, 'seqpacket');
  for (const [call, subject] of [
    [() => dgram(t).bind(long), '"path" argument of bind()'],
    [() => dgram(t).connect(long), '"path" argument of connect()'],
    [() => dgram(t).send('x', long), '"destPath" argument of send()'],
    [() => dgram(t).sendTo(buffer, 0, 1, long), '"destPath" argument of sendTo()'],
    [() => socket.connect(long), '"path" argument of connect()'],
    [() => socket.connect({ path: long }), '"options.path" property of connect()'],
    [() => newServer(t).listen(long), '"path" argument of listen()'],
    [() => newServer(t).listen({ path: long }), '"options.path" property of listen()'],
  ]) {
    const binds = /bind|listen/.test(subject);
    assert.throws(call, ({ message }) => {
      assert.ok(message.startsWith(`The ${subject} must be at most 108 bytes. Received 201 bytes`), message);
      assert.strictEqual(message.includes('path to bind is too long'), binds, message);
      return true;
    });
  }
});
