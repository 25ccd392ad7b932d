'use strict';
// System calls of a connection: docs/adr/0020-system-calls-of-a-connection.md.

const { test } = require('node:test');
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { deadline, tmp } = require('../helpers');
const { root } = require('../helpers/lib');

const options = { timeout: deadline };
const CONNECTIONS = 200;

/** Makes connections one after another: connect, one message, the end of both sides, close. `use(object)` is called first. */
const connections = (at, use) => `
const { SeqpacketServer, SeqpacketSocket } = require(${JSON.stringify(root)});
const use = ${use};
const server = new SeqpacketServer();
let left = ${CONNECTIONS};
server.on('connection', (peer) => {
  peer.on('data', () => {});
  peer.on('end', () => peer.end());
});
server.listen(${JSON.stringify(at)});
use(server);
const next = () => {
  if (left-- === 0) return server.close();
  const client = new SeqpacketSocket();
  use(client);
  client.on('data', () => {});
  client.on('close', next);
  client.connect(${JSON.stringify(at)});
  client.end('message');
};
next();
`;

/** The calls of each kind that one connection makes, both ends together. */
function callsPerConnection(t, use) {
  const folder = tmp(t);
  const script = path.join(folder, 'script.js');
  const log = path.join(folder, 'log');
  fs.writeFileSync(script, connections(path.join(folder, 's'), use));
  const names = ['epoll_ctl', 'poll', 'setsockopt'];
  const strace = ['-f', '-o', log, '-e', `trace=${names}`, process.execPath, script];
  const { status, error } = spawnSync('strace', strace, { stdio: 'ignore', timeout: 30000 });
  assert.ok(!error && status === 0, `strace: ${error || status}`);
  const text = fs.readFileSync(log, 'latin1');
  const count = (name) => text.split(new RegExp(`\\b${name}\\(`)).length - 1;
  return Object.fromEntries(names.map((name) => [name, Math.round(count(name) / CONNECTIONS)]));
}

/** Fails if the calls differ from `expected`; epoll_ctl(2) may be called less often, because newer versions of libuv need fewer. */
function assertCalls(calls, expected) {
  const { epoll_ctl, ...others } = calls;
  const { epoll_ctl: most, ...expectedOthers } = expected;
  assert.deepStrictEqual(others, expectedOthers);
  assert.ok(epoll_ctl <= most, `${epoll_ctl} calls of epoll_ctl`);
}

test('a connection makes at most 11 epoll_ctl, 3 setsockopt and one poll', options, (t) => {
  assertCalls(
    callsPerConnection(t, () => {}),
    { epoll_ctl: 11, setsockopt: 3, poll: 1 },
  );
});

test('sockets whose descriptors are known are protected from processes that share them', options, (t) => {
  // SO_SNDTIMEO before and after connect(2), SO_PASSRIGHTS and SO_PASSPIDFD of the connection; poll(2) before each accept4(2).
  assertCalls(
    callsPerConnection(t, (socket) => socket.fd),
    { epoll_ctl: 11, setsockopt: 7, poll: 3 },
  );
});
