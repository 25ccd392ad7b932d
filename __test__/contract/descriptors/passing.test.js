'use strict';
// Descriptors (SCM_RIGHTS) and credentials (SCM_CREDENTIALS) of messages.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { deadline, once, eventually, openFds, runChild } = require('../../helpers');
const {
  closing,
  connected,
  failure,
  fill,
  messages,
  pair,
  post,
  range,
  sent,
  texts,
  turns,
} = require('../../helpers/sockets');
const { adopt, refusesRights } = require('../../helpers/adopt');
const { flags } = require('../../helpers/descriptors');
const { contentOf, isOpen, openFile } = require('../../helpers/files');

const options = { timeout: deadline };
const linuxOnly = { ...options, skip: process.platform !== 'linux' && 'Linux only' };

/** The arguments of write() or send() before the options. */
const form = (socket, message) => (socket.send ? [message, undefined] : [message]);
const give = (socket, message, fds, ...cb) => post(socket, ...form(socket, message), { fds }, ...cb);
const given = (socket, message, fds) => sent(socket, ...form(socket, message), { fds });

/** A pair whose second socket was adopted, so that the kernel does not refuse descriptors although it has no receiveFds. */
async function adoptedPair(t, type, settings) {
  const [a, b] = pair(t, type, { ...settings, receiveFds: true });
  return [a, closing(t, await adopt(b, settings))];
}

for (const type of ['seqpacket', 'dgram']) {
  const receiving = { receiveFds: true };

  describe(type, () => {
    test('received descriptors are close-on-exec and refer to the same files', options, async (t) => {
      const [a, b] = pair(t, type, receiving);
      const fds = [openFile(t, 'one'), openFile(t, 'two')];
      await given(a, 'two files', fds);
      const [{ data, info }] = await messages(b, 1);
      assert.strictEqual(data.toString(), 'two files');
      assert.strictEqual(info.truncated, false);
      assert.strictEqual(info.fds.length, 2);
      for (const fd of info.fds) {
        assert.ok(!fds.includes(fd));
        if (process.platform === 'linux') assert.ok(flags(fd).cloexec);
      }
      assert.deepStrictEqual(info.fds.map(contentOf), ['one', 'two']);
    });

    test('each message has its own descriptors, an empty array if there are none', options, async (t) => {
      const [a, b] = pair(t, type, receiving);
      for (const i of range(20)) {
        if (i % 2) give(a, String(i), [openFile(t, `file ${i}`)]);
        else post(a, String(i));
      }
      for (const [i, { data, info }] of (await messages(b, 20)).entries()) {
        assert.strictEqual(data.toString(), String(i));
        assert.deepStrictEqual(info.fds.map(contentOf), i % 2 ? [`file ${i}`] : []);
      }
    });

    test('an empty message, a message in parts and a corked message can have descriptors', options, async (t) => {
      const [a, b] = pair(t, type, receiving);
      const fd = openFile(t);
      await given(a, '', [fd]);
      await given(a, ['in', Buffer.from(' parts')], [fd]);
      a.cork();
      give(a, 'corked', [fd]);
      post(a, 'plain');
      a.uncork();
      const got = (await messages(b, 4)).map(({ data, info }) => [data.toString(), info.fds.map(contentOf)]);
      const one = ['content'];
      assert.deepStrictEqual(got, [
        ['', one],
        ['in parts', one],
        ['corked', one],
        ['plain', []],
      ]);
    });

    test('a message can have 253 descriptors, the maximum of the kernel', options, async (t) => {
      const [a, b] = pair(t, type, receiving);
      const before = openFds();
      const fd = openFile(t);
      await given(a, 'many', Array(253).fill(fd));
      const [{ info }] = await messages(b, 1);
      assert.strictEqual(info.fds.length, 253);
      assert.strictEqual(new Set(info.fds).size, 253);
      for (const received of info.fds) fs.closeSync(received);
      fs.closeSync(fd);
      assert.strictEqual(openFds(), before);
    });

    test('without receiveFds a message with descriptors fails with EPERM, and the other messages arrive', {
      ...options,
      skip: !refusesRights && 'the kernel has no SO_PASSRIGHTS',
    }, async (t) => {
      const [a, b] = pair(t, type);
      const fd = openFile(t);
      const before = openFds();
      const results = [sent(a, 'one'), given(a, 'refused', [fd]), sent(a, 'two')];
      const { code, syscall } = await results[1].catch((err) => err);
      assert.deepStrictEqual([code, syscall], ['EPERM', 'send']);
      assert.deepStrictEqual(await texts(b, 2), ['one', 'two']);
      b.pause();
      fill(a);
      const queued = assert.rejects(given(a, 'refused', [fd]), { code: 'EPERM' });
      b.resume().on('data', () => {});
      await queued;
      await eventually(() => openFds() === before);
      await sent(a, 'three');
    });

    test('descriptors never enter the process without receiveFds', options, async (t) => {
      const [a, b] = await adoptedPair(t, type);
      const fd = openFile(t);
      const before = openFds();
      const got = [];
      b.on('data', (data, ...rest) => got.push([data.toString(), rest.pop().fds, openFds() - before]));
      for (const i of range(10)) await given(a, String(i), Array(20).fill(fd));
      await eventually(() => got.length === 10);
      assert.deepStrictEqual(
        got,
        range(10).map((i) => [String(i), [], 0]),
      );
    });

    test(
      'the caller may close its descriptors when the call has returned, also if the message is queued',
      options,
      async (t) => {
        const [a, b] = pair(t, type, receiving);
        b.pause();
        const count = fill(a);
        const fds = [openFile(t, 'kept')];
        const waiting = given(a, 'fd', fds);
        fs.closeSync(fds[0]);
        fds[0] = 0;
        const reused = openFile(t, 'another file under the same number');
        b.resume();
        const [{ info }] = (await messages(b, count + 1)).slice(-1);
        await waiting;
        assert.deepStrictEqual(info.fds.map(contentOf), ['kept']);
        assert.ok(isOpen(reused));
      },
    );

    test('duplicates of a queued message are closed when it is sent, refused or dropped', options, async (t) => {
      const [a, b] = await adoptedPair(t, type, { maxQueuedBytes: 10000 });
      b.pause();
      const count = fill(a);
      const fd = openFile(t);
      const before = openFds();
      for (const _ of range(3)) give(a, 'waits', [fd, fd], () => {});
      const refused = assert.rejects(given(a, Buffer.alloc(20000), [fd, fd]), { code: 'ENOBUFS' });
      b.resume();
      await messages(b, count + 3);
      await refused;
      await eventually(() => openFds() === before, 'closed when sent');
      b.pause();
      fill(a);
      const dropped = range(3).map(() => given(a, 'dropped', [fd, fd]));
      a.close();
      for (const promise of dropped) await assert.rejects(promise, { code: 'ERR_SOCKET_CLOSED' });
      await eventually(() => openFds() < before, 'closed with the socket');
    });

    test('received descriptors without a listener are closed with the socket', options, async (t) => {
      const fd = openFile(t);
      for (const prepare of [
        () => {},
        (b) => b.pause(),
        (b) => messages(b, 1).then(([m]) => m.info.fds.map(fs.closeSync)),
      ]) {
        const before = openFds();
        const [a, b] = pair(t, type, receiving);
        const prepared = prepare(b);
        for (const _ of range(5)) await given(a, 'x', [fd, fd, fd]);
        await prepared;
        await turns();
        const close = [once(a, 'close'), once(b, 'close')];
        for (const socket of [a, b]) socket.close();
        await Promise.all(close);
        await eventually(() => openFds() === before, 'no descriptor left');
      }
    });

    test('invalid descriptors throw or fail, and nothing is sent', options, async (t) => {
      const [a, b] = pair(t, type, receiving);
      const before = openFds();
      for (const bad of [-1, 1.5, NaN, 2 ** 32 + 3, Infinity]) {
        assert.throws(() => give(a, 'x', [bad]), { code: 'ERR_OUT_OF_RANGE' }, String(bad));
      }
      for (const bad of ['0', null, undefined, {}, true]) {
        assert.throws(() => give(a, 'x', [0, bad]), { code: 'ERR_INVALID_ARG_TYPE' }, String(bad));
      }
      for (const bad of ['0', 0, {}, true]) {
        assert.throws(() => give(a, 'x', bad), { code: 'ERR_INVALID_ARG_TYPE' }, String(bad));
      }
      assert.throws(() => give(a, 'x', Array(254).fill(0)), { code: /^ERR_(OUT_OF_RANGE|INVALID_ARG_VALUE)$/ });
      const closed = await failure(a, () => give(a, 'x', [0, 19999], (err) => a.emit('error', err)));
      assert.strictEqual(closed.code, 'EBADF');
      assert.strictEqual(openFds(), before);
      await sent(a, 'good');
      assert.deepStrictEqual(await texts(b, 1), ['good']);
    });

    test('each message has credentials if receiveCredentials is true, otherwise null', linuxOnly, async (t) => {
      const own = { pid: process.pid, uid: process.getuid(), gid: process.getgid() };
      const [a, b] = pair(t, type, { receiveCredentials: true, receiveFds: true });
      await sent(a, 'x');
      await sent(a, '');
      await given(a, 'with descriptors', [openFile(t)]);
      for (const { info } of await messages(b, 3)) {
        assert.deepStrictEqual({ ...info.credentials }, own);
        for (const fd of info.fds) fs.closeSync(fd);
      }
      const [c, d] = pair(t, type);
      await sent(c, 'x');
      assert.strictEqual((await messages(d, 1))[0].info.credentials, null);
    });

    test(
      'too few free descriptors: fdsTruncated is true, none leaks, the next message is complete',
      options,
      async (t) => {
        const { stdout, stderr, code } = await runChild(t, lowOnDescriptors, { args: { type } });
        assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
        const { first, second, leaked } = JSON.parse(stdout);
        assert.ok(first.fds > 0 && first.fds < 40, String(first.fds));
        assert.deepStrictEqual(first, { text: 'forty', fds: first.fds, size: 5, truncated: false, cut: true });
        assert.deepStrictEqual(second, { text: 'one', fds: 1, size: 3, truncated: false, cut: false });
        assert.strictEqual(leaked, 0);
      },
    );
  });
}

/** Runs in a separate process and lowers the descriptor limit of that process. */
async function lowOnDescriptors() {
  const fs = require('fs');
  const [a, b] = lib.createSocketPair(args.type, { receiveFds: true });
  const give = (text, fds) => (a.send ? a.send(text, undefined, { fds }) : a.write(text, { fds }));
  const next = () =>
    new Promise((resolve) => {
      b.once('data', (data, ...rest) => {
        const { fds, size, truncated, fdsTruncated = false } = rest.pop();
        for (const fd of fds) fs.closeSync(fd);
        resolve({ text: String(data), fds: fds.length, size, truncated, cut: fdsTruncated });
      });
    });
  give('forty', Array(40).fill(0)); // they are in the kernel now
  const { execFileSync } = require('child_process');
  execFileSync('true'); // Node.js opens the descriptors it needs for child processes
  const before = fs.readdirSync('/proc/self/fd').length;
  execFileSync('prlimit', [`--pid=${process.pid}`, `--nofile=${before + 10}`]);
  const first = await next();
  give('one', [0]);
  const second = await next();
  const leaked = fs.readdirSync('/proc/self/fd').length - before;
  console.log(JSON.stringify({ first, second, leaked }));
  a.close();
  b.close();
}

test('a child process inherits no descriptor, including received ones', linuxOnly, async (t) => {
  const { client, peer, server } = await connected(t);
  const [a, b] = pair(t, 'dgram', { receiveFds: true });
  give(a, 'x', [openFile(t)]);
  const [{ info }] = await messages(b, 1);
  const inherited = execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' });
  for (const fd of [client.fd, peer.fd, server.fd, a.fd, b.fd, ...info.fds]) {
    assert.ok(Number.isInteger(fd) && fd > 2);
    assert.ok(!inherited.includes(fs.readlinkSync(`/proc/self/fd/${fd}`)), inherited);
    assert.ok(flags(fd).cloexec);
  }
  info.fds.map(contentOf);
});
