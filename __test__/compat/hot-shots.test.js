'use strict';
// Unmodified hot-shots with node-unix-socket/unix-dgram: npm installs both from their tarballs into an empty project,
// with the override of docs/guides/from-unix-dgram.md. The same tests run with unix-dgram itself.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { deadline, python, sockPath } = require('../helpers');
const { start } = require('../helpers/processes');
const { install } = require('../helpers/registry');
const { testsUnixDgram } = require('../helpers/unix-dgram');
const root = require('../../scripts/lib/root');

/** The package.json in the guide. */
function manifestOfTheGuide() {
  const guide = fs.readFileSync(path.join(root, 'docs', 'guides', 'from-unix-dgram.md'), 'utf8');
  return JSON.parse(/```json\n([\s\S]*?)```/.exec(guide)[1]);
}

// Prints the name of each metric it receives.
const RECEIVER = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('bound')
while True:
    for line in receiver.recv(65536).decode().splitlines():
        print(line.split(':')[0])
`;

async function receiver(t, at) {
  const peer = python(t, RECEIVER, [at]);
  assert.equal(await peer.line(), 'bound');
  const ordered = async (n) => {
    const names = [];
    while (names.length < n) names.push(await peer.line());
    return names;
  };
  return {
    ...peer,
    names: async (n) => (await ordered(n)).sort(),
    ordered,
  };
}

/** The process with hot-shots. `ask` sends it a command and resolves to the result. */
async function client(t, modules, at, options = {}, variables = {}) {
  const script = path.join(__dirname, '..', 'fixtures', 'hot-shots-client.js');
  const args = [script, modules, at, JSON.stringify({ maxBufferSize: 0, ...options })];
  const child = start(t, process.execPath, args, { env: { ...process.env, ...variables } });
  assert.equal(await child.line(), 'ready');
  const tell = (command) => child.send(`${command}\n`);
  const ask = async (command) => {
    tell(command);
    return JSON.parse(await child.line());
  };
  const close = async () => {
    const answer = await ask('close');
    const { code, signal, stderr } = await child.done;
    return { ...answer, code, signal, stderr };
  };
  return { ask, tell, close };
}

/** Sends to a closed receiver: ECONNREFUSED, then ENOTCONN. hot-shots treats both as a restart of the receiver. */
async function nobodyThere(ask) {
  const { sent, failed } = await ask('send 5');
  assert.deepEqual(sent, []);
  assert.equal(Object.keys(failed).length, 5);
  for (const code of Object.values(failed)) assert.ok([-111, -107].includes(code), `code ${code}`);
}

const CLOSED = { closed: null, code: 0, signal: null, stderr: '' };
const patient = { udsRetryOptions: { retries: 500, retryDelayMs: 1, maxRetryDelayMs: 10 } };

const scenarios = {
  async 'a receiver that is stopped for a while gets every metric once, without errors'(t, modules) {
    const at = sockPath(t);
    const peer = await receiver(t, at);
    const { ask, tell, close } = await client(t, modules, at, patient);
    peer.kill('SIGSTOP');
    tell('start 300');
    assert.ok((await ask('outstanding')) > 200, 'the queue is full');
    peer.kill('SIGCONT');
    const { sent, failed } = await ask('rest');
    assert.deepEqual([sent.length, failed], [300, {}]);
    assert.deepEqual(await peer.names(300), sent.sort());
    assert.deepEqual(await close(), CLOSED);
  },

  async 'buffered metrics without callbacks all arrive'(t, modules) {
    const at = sockPath(t);
    const peer = await receiver(t, at);
    const { ask, tell, close } = await client(t, modules, at, { ...patient, maxBufferSize: 512 });
    peer.kill('SIGSTOP');
    tell('fire 3000');
    assert.deepEqual(await ask('errors'), []);
    peer.kill('SIGCONT');
    assert.deepEqual(new Set(await peer.names(3000)), new Set(['fired']));
    assert.deepEqual(await ask('errors'), []);
    assert.deepEqual(await close(), CLOSED);
  },

  async 'a receiver that restarts: the metrics that were reported as sent arrive'(t, modules) {
    const at = sockPath(t);
    const first = await receiver(t, at);
    const { ask, close } = await client(t, modules, at, { ...patient, udsGracefulRestartRateLimit: 1 });
    const before = await ask('send 50');
    assert.deepEqual(before.failed, {});
    assert.deepEqual(await first.names(50), before.sent.sort());
    first.kill();
    await first.done;

    await nobodyThere(ask);
    fs.unlinkSync(at);
    await nobodyThere(ask);

    const second = await receiver(t, at);
    const after = [];
    while (after.length === 0) after.push(...(await ask('send 1')).sent); // the first one fails
    after.push(...(await ask('send 50')).sent);
    assert.equal(after.length, 51);
    assert.deepEqual(await second.names(51), after.sort());
    assert.deepEqual(await close(), CLOSED);
  },

  async 'a receiver that starts late: an error at first, then every metric arrives'(t, modules) {
    const at = sockPath(t);
    const { ask, close } = await client(t, modules, at);
    const [atFirst] = await ask('errors');
    assert.equal(atFirst, -2);
    const peer = await receiver(t, at);
    let sent = [];
    while (sent.length === 0) ({ sent } = await ask('send 1'));
    assert.deepEqual(await peer.names(1), sent);
    assert.deepEqual(await close(), CLOSED);
  },

  async 'a metric that is too long fails with EMSGSIZE, the others arrive'(t, modules) {
    const at = sockPath(t);
    const peer = await receiver(t, at);
    const { ask, close } = await client(t, modules, at);
    assert.equal(await ask('long 1000000'), -90);
    const { sent } = await ask('send 3');
    assert.deepEqual(await peer.names(3), sent);
    assert.deepEqual(await close(), CLOSED);
  },

  async 'close() while the receiver is stopped: hot-shots warns, and the process ends'(t, modules) {
    const at = sockPath(t);
    const peer = await receiver(t, at);
    const { ask, tell, close } = await client(t, modules, at, { ...patient, closingFlushInterval: 2 });
    peer.kill('SIGSTOP');
    tell('start 50');
    assert.ok((await ask('outstanding')) > 0, 'the queue is full');
    const { closed, code, signal, stderr } = await close();
    assert.deepEqual({ closed, code, signal }, { closed: null, code: 0, signal: null });
    assert.equal(stderr, 'hot-shots could not clear out messages in flight but closing anyways\n');
  },
};

const QUEUE = { NODE_UNIX_SOCKET_UNIX_DGRAM_QUEUE: '1' };

/** Scenarios for the queue, which unix-dgram does not have. */
const queued = {
  async 'a queue: 5,000 increments at once to a stopped receiver arrive whole and in order'(t, modules) {
    const at = sockPath(t);
    const peer = await receiver(t, at);
    const { ask, close } = await client(t, modules, at, {}, QUEUE);
    peer.kill('SIGSTOP');
    const { sent, failed } = await ask('send 5000');
    assert.deepEqual([sent.length, failed], [5000, {}]);
    peer.kill('SIGCONT');
    assert.deepEqual(await peer.ordered(5000), sent);
    assert.deepEqual(await close(), CLOSED);
  },

  async 'a queue: increments while the receiver restarts reach the new one, in order'(t, modules) {
    const at = sockPath(t);
    const first = await receiver(t, at);
    const { ask, close } = await client(t, modules, at, {}, QUEUE);
    const before = await ask('send 50');
    assert.deepEqual(await first.ordered(50), before.sent);
    first.kill();
    await first.done;
    const between = await ask('send 500');
    assert.deepEqual([between.sent.length, between.failed], [500, {}]);
    fs.unlinkSync(at);
    const second = await receiver(t, at);
    const after = await ask('send 50');
    assert.deepEqual(await second.ordered(550), [...between.sent, ...after.sent]);
    assert.deepEqual(await close(), CLOSED);
  },

  async 'a queue: close() while the receiver is stopped ends the process'(t, modules) {
    const at = sockPath(t);
    const peer = await receiver(t, at);
    const { ask, close } = await client(t, modules, at, {}, QUEUE);
    peer.kill('SIGSTOP');
    await ask('send 500');
    assert.deepEqual(await close(), CLOSED);
  },
};

test('hot-shots with this package, as npm installs it', { timeout: 60000 }, async (t) => {
  const project = await install(t, manifestOfTheGuide(), ['hot-shots']);
  const modules = path.join(project, 'node_modules');
  const manifest = (name) => JSON.parse(fs.readFileSync(path.join(modules, name, 'package.json'), 'utf8'));
  assert.equal(manifest('unix-dgram').name, 'node-unix-socket-unix-dgram');
  for (const file of ['index.js', 'package.json', 'lib/transport.js', 'lib/statsd.js']) {
    const theirs = fs.readFileSync(path.join(root, 'node_modules', 'hot-shots', file));
    assert.ok(fs.readFileSync(path.join(modules, 'hot-shots', file)).equals(theirs), `${file} is as published`);
  }
  for (const [what, scenario] of Object.entries({ ...scenarios, ...queued }))
    await t.test(what, { timeout: deadline }, (t) => scenario(t, modules));
});

testsUnixDgram('hot-shots with unix-dgram itself', { timeout: 60000 }, async (t) => {
  for (const [what, scenario] of Object.entries(scenarios))
    await t.test(what, { timeout: deadline }, (t) => scenario(t, path.join(root, 'node_modules')));
});
