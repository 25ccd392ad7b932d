'use strict';
// Peers that send many descriptors or forged credentials: none enters unasked, none leaks, other sockets continue.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { deadline, once, eventually, openFds, python, sockPath } = require('../helpers');
const { adopt, refusesRights } = require('../helpers/adopt');
const { PEER, forMessages, pingPong, receivers } = require('../helpers/hostile');
const { abstractName, closing, dgram, messages, node, texts } = require('../helpers/sockets');

const options = { timeout: deadline };
const linuxOnly = { ...options, skip: process.platform !== 'linux' && 'Linux only' };

const SEND_MANY_FDS = `
s = connect()
fds = array.array('i', [0] * 253)
message = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)]
for i in range(int(args[0])): s.sendmsg([b'%d' % i], message)
print('sent')
wait()`;

const OFFER_MANY_FDS = `
s = connect()
message = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0] * 253))]
refused = 0
for i in range(int(args[0])):
    try: s.sendmsg([b'offered'], message)
    except PermissionError: refused += 1
s.send(b'plain')
print(refused, 'EPERM')
wait()`;

for (const [type, receiver] of Object.entries(receivers)) {
  describe(`${type}: a peer that sends 253 descriptors with each message`, () => {
    test('without receiveFds each of these messages fails with EPERM, and the other messages of the peer arrive', {
      ...linuxOnly,
      skip: !refusesRights && 'the kernel has no SO_PASSRIGHTS',
    }, async (t) => {
      const { child, receiver: socket } = await receiver(t, OFFER_MANY_FDS, { args: [1000] });
      const stop = pingPong(t);
      const before = openFds();
      assert.strictEqual(await child.line(), '1000 EPERM');
      assert.deepStrictEqual(await texts(socket, 1), ['plain']);
      assert.strictEqual(openFds(), before);
      stop();
    });

    test(
      'without receiveFds, adopted: of 10,000 messages every one arrives, and no descriptor enters the process',
      options,
      async (t) => {
        const maker = { receiveFds: true, paused: true };
        const { child, receiver: made } = await receiver(t, SEND_MANY_FDS, { args: [10000], socket: maker });
        const socket = closing(t, await adopt(made));
        const before = openFds();
        const stop = pingPong(t);
        let most = 0;
        await forMessages(socket, 10000, (data, info, i) => {
          assert.strictEqual(data.toString(), String(i));
          assert.deepStrictEqual(info.fds, []);
          if (i % 500 === 0) most = Math.max(most, openFds());
        });
        assert.ok(most <= before + 2, `${most - before} more descriptors`); // the two of the pair
        assert.strictEqual(await child.line(), 'sent');
        stop();
      },
    );

    test('with receiveFds and a listener that closes them: none stays open', options, async (t) => {
      const { receiver: socket } = await receiver(t, SEND_MANY_FDS, { args: [300], socket: { receiveFds: true } });
      const before = openFds();
      await forMessages(socket, 300, (_data, info) => {
        assert.deepStrictEqual([info.fds.length, info.fdsTruncated], [253, undefined]);
        for (const fd of info.fds) fs.closeSync(fd);
      });
      assert.strictEqual(openFds(), before);
    });

    test('with receiveFds and no listener: close() closes them', options, async (t) => {
      const { child, receiver: socket } = await receiver(t, SEND_MANY_FDS, {
        args: [100],
        socket: { receiveFds: true },
      });
      const before = openFds();
      await messages(socket, 1).then(([{ info }]) => info.fds.map(fs.closeSync));
      socket.close();
      await once(socket, 'close');
      await eventually(() => openFds() < before);
      child.kill();
    });
  });
}

test(
  'descriptors up to the limit of the process: fdsTruncated is true, other sockets continue',
  linuxOnly,
  async (t) => {
    const path = sockPath(t);
    const child = node(t, keepsDescriptors, { path }, { prefix: ['prlimit', '--nofile=700:700'] });
    assert.strictEqual(await child.line(), 'bound');
    python(t, PEER + SEND_MANY_FDS, [path, 'SOCK_DGRAM', 20]);
    const { count, whole, cut, echoed } = JSON.parse(await child.line());
    assert.deepStrictEqual([count, whole + cut, echoed], [20, 20, true]);
    assert.ok(whole > 0 && cut > 0, `${whole} whole, ${cut} cut`);
    // After the descriptors are closed, a message has all of its descriptors.
    python(t, PEER + SEND_MANY_FDS, [path, 'SOCK_DGRAM', 1]);
    assert.deepStrictEqual(JSON.parse(await child.line()), { fds: 253, cut: false });
  },
);

/** Runs in a separate process. */
function keepsDescriptors() {
  const fs = require('fs');
  const [a, b] = lib.createSocketPair('dgram');
  b.on('data', (data) => b.send(data));
  const socket = new lib.DgramSocket({ receiveFds: true });
  const kept = [];
  const result = { count: 0, whole: 0, cut: 0 };
  socket.on('data', (_data, _path, info) => {
    if (result.count === 20) {
      console.log(JSON.stringify({ fds: info.fds.length, cut: info.fdsTruncated === true }));
      process.exit();
    }
    kept.push(...info.fds);
    if (info.fdsTruncated) result.cut++;
    else result.whole++;
    if (++result.count < 20) return;
    a.once('data', () => {
      for (const fd of kept) fs.closeSync(fd);
      console.log(JSON.stringify({ ...result, echoed: true }));
    });
    a.send('x');
  });
  socket.bind(args.path);
  console.log('bound');
}

test(
  'a listener that closes descriptors at once gets all of them, although few numbers are free',
  linuxOnly,
  async (t) => {
    const path = sockPath(t);
    const child = node(t, closesDescriptors, { path }, { prefix: ['prlimit', '--nofile=400:400'] });
    assert.strictEqual(await child.line(), 'bound');
    python(t, PEER + SEND_MANY_FDS, [path, 'SOCK_DGRAM', 100]);
    assert.deepStrictEqual(JSON.parse(await child.line()), { count: 100, cut: 0 });
  },
);

/** Runs in a separate process. */
function closesDescriptors() {
  const socket = new lib.DgramSocket({ receiveFds: true });
  const result = { count: 0, cut: 0 };
  socket.on('data', (_data, _path, info) => {
    for (const fd of info.fds) require('fs').closeSync(fd);
    if (info.fdsTruncated) result.cut++;
    if (++result.count === 100) console.log(JSON.stringify(result));
  });
  socket.bind(args.path);
  console.log('bound');
}

test('forged credentials: the kernel refuses them, and the true ones arrive', linuxOnly, async (t) => {
  const name = abstractName(); // reachable for any user
  const socket = dgram(t, name, { receiveCredentials: true });
  const child = python(
    t,
    `${PEER}
if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)
s = connect()
def send(pid, uid, gid):
    try:
        s.sendmsg([b'%d' % pid], [(socket.SOL_SOCKET, 2, struct.pack('3i', pid, uid, gid))])
        return 'sent'
    except PermissionError:
        return 'EPERM'
own = (os.getpid(), os.getuid(), os.getgid())
print(send(1, own[1], own[2]), send(own[0], 0, own[2]), send(own[0], own[1], 0), send(*own), *own)`,
    [`@${name.slice(1)}`, 'SOCK_DGRAM'],
  );
  const words = (await child.line()).split(' ');
  assert.deepStrictEqual(words.slice(0, 4), ['EPERM', 'EPERM', 'EPERM', 'sent']);
  const [pid, uid, gid] = words.slice(4).map(Number);
  const [{ info }] = await messages(socket, 1);
  assert.deepStrictEqual({ ...info.credentials }, { pid, uid, gid });
  assert.strictEqual(pid, child.pid);
});
