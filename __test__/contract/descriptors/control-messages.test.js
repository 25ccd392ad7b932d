'use strict';
// Options of the maker of an adopted socket that add control messages: timestamps, security labels, pidfds. Credentials and
// descriptors always fit, and no descriptor leaks.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { deadline, once, openFds, python, sockPath } = require('../../helpers');
const { refusesRights } = require('../../helpers/adopt');
const { client, closing, dgram, messages, serve } = require('../../helpers/sockets');
const { openFile } = require('../../helpers/files');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline, skip: process.platform !== 'linux' && 'Linux only' };
const classes = { SOCK_SEQPACKET: lib.SeqpacketSocket, SOCK_DGRAM: lib.DgramSocket };

/** Numbers of asm-generic/socket.h. */
const SO = {
  TIMESTAMP: [29, 1],
  TIMESTAMPNS: [35, 1],
  TIMESTAMP_NEW: [63, 1],
  TIMESTAMPNS_NEW: [64, 1],
  TIMESTAMPING: [37, 0x18], // SOF_TIMESTAMPING_RX_SOFTWARE and SOF_TIMESTAMPING_SOFTWARE
  PASSSEC: [34, 1],
  PASSPIDFD: [76, 1],
  PASSRIGHTS: [83, 0],
};

const MAKER = `import array, socket, struct, sys
path, kind, *options = sys.argv[1:]
kind = getattr(socket, kind)
mine, yours = socket.socketpair(socket.AF_UNIX, kind)
if kind == socket.SOCK_SEQPACKET and 'listening' in options:
    yours = socket.socket(socket.AF_UNIX, kind)
for option in options:
    if option[0].isdigit(): yours.setsockopt(socket.SOL_SOCKET, *map(int, option.split('=')))
if 'listening' in options:
    yours.bind(path + '-listening')
    yours.listen(9)
    mine = socket.socket(socket.AF_UNIX, kind)
    mine.connect(path + '-listening')
def send(to, text, *fds):
    try: to.sendmsg([text], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', fds))] if fds else [])
    except OSError as err: return err.errno
    return 0
giver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
giver.connect(path)
early = send(mine, b'early', 0) if 'early' in options else ''
send(giver, b'x', yours.fileno())
yours.close()
print('made', early, flush=True)
for line in sys.stdin:
    count, fds = map(int, line.split())
    print(*{send(mine, b'message', *[0] * fds) for _ in range(count)}, flush=True)
`;

/** A Python process, and the descriptor of a socket with options that it has made. */
async function made(t, kind, names, ...more) {
  const giver = dgram(t, sockPath(t), { receiveFds: true });
  const set = names.map((name) => SO[name].join('='));
  const child = python(t, MAKER, [giver.address(), kind, ...set, ...more]);
  const [{ info }] = await messages(giver, 1);
  assert.match(await child.line(), /^made/);
  giver.close();
  return {
    child,
    fd: info.fds[0],
    /** Lets the process send messages with descriptors. Resolves to the errnos of the sends. */
    async send(count, fds = 0) {
      child.send(`${count} ${fds}\n`);
      return child.line();
    },
  };
}

const own = (child) => ({ pid: child.pid, uid: process.getuid(), gid: process.getgid() });
const SETS = [
  [],
  ...Object.keys(SO)
    .slice(0, -1)
    .map((name) => [name]),
  ['TIMESTAMP', 'TIMESTAMPING'],
  ['TIMESTAMPNS_NEW', 'TIMESTAMPING', 'PASSSEC', 'PASSPIDFD'],
];

for (const [kind, Class] of Object.entries(classes)) {
  describe(kind, () => {
    for (const names of SETS) {
      test(
        `credentials and descriptors are complete with the options ${names.join(', ') || 'none'}`,
        options,
        async (t) => {
          for (const receiveFds of [false, true]) {
            const { child, fd, send } = await made(t, kind, names);
            const socket = closing(t, new Class({ fd, receiveFds, receiveCredentials: true }));
            const before = openFds();
            const got = messages(socket, 60);
            assert.deepStrictEqual([await send(20), await send(20, 1), await send(20, 253)], ['0', '0', '0']);
            for (const [i, { data, info }] of (await got).entries()) {
              const count = receiveFds ? [0, 1, 253][Math.floor(i / 20)] : 0;
              assert.deepStrictEqual([data.toString(), info.fds.length], ['message', count]);
              assert.deepStrictEqual({ ...info.credentials }, own(child));
              if (receiveFds) assert.strictEqual(info.fdsTruncated, undefined);
              for (const each of info.fds) fs.closeSync(each);
            }
            assert.strictEqual(openFds(), before);
            socket.close();
          }
        },
      );
    }

    test('credentials come back if another process has turned other options on', options, async (t) => {
      const { child, fd, send } = await made(t, kind, []);
      const socket = closing(t, new Class({ fd, receiveCredentials: true }));
      const shared =
        'import socket; s = socket.socket(fileno=3); s.setsockopt(socket.SOL_SOCKET, 35, 1); s.setsockopt(socket.SOL_SOCKET, 37, 24)';
      const stdio = ['ignore', 'inherit', 'inherit', fd];
      execFileSync('python3', ['-c', shared], { stdio });
      for (const _ of [1, 2]) {
        const next = messages(socket, 1);
        await send(1);
        const [{ info }] = await next;
        if (_ === 2) assert.deepStrictEqual({ ...info.credentials }, own(child));
      }
    });

    test('credentials that only another process asked for are not passed on', options, async (t) => {
      const { fd, send } = await made(t, kind, []);
      const socket = closing(t, new Class({ fd, receiveFds: true }));
      const shared = 'import socket; socket.socket(fileno=3).setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)';
      execFileSync('python3', ['-c', shared], { stdio: ['ignore', 'inherit', 'inherit', fd] });
      const next = messages(socket, 1);
      await send(1);
      const [{ info }] = await next;
      assert.strictEqual(info.credentials, null);
    });

    test('a pidfd of a message does not stay open', options, async (t) => {
      for (const settings of [{}, { receiveFds: true }, { receiveCredentials: true }]) {
        const { fd, send } = await made(t, kind, ['PASSPIDFD']);
        const socket = closing(t, new Class({ fd, ...settings }));
        const before = openFds();
        const got = messages(socket, 100);
        await send(100);
        for (const { info } of await got) assert.deepStrictEqual(info.fds, []);
        assert.strictEqual(openFds(), before, JSON.stringify(settings));
        socket.close();
      }
    });

    test('an adopted socket keeps the choice of its maker to refuse descriptors', {
      ...options,
      skip: !refusesRights && 'the kernel has no SO_PASSRIGHTS',
    }, async (t) => {
      const { fd, send } = await made(t, kind, ['PASSRIGHTS']);
      const socket = closing(t, new Class({ fd, receiveFds: true }));
      socket.on('data', () => {});
      assert.deepStrictEqual([await send(2, 1), await send(2)], ['1', '0']); // EPERM
    });
  });
}

test('connections of an adopted server: no pidfd stays open, with any options', options, async (t) => {
  for (const settings of [{}, { receiveFds: true }, { receiveCredentials: true }]) {
    const { fd, send } = await made(t, 'SOCK_SEQPACKET', ['PASSPIDFD', 'TIMESTAMPING'], 'listening');
    const server = serve(t, { fd, socket: settings });
    const [peer] = await once(server, 'connection');
    closing(t, peer);
    const before = openFds();
    const got = messages(peer, 100);
    await send(100);
    for (const { info } of await got) {
      assert.deepStrictEqual(info.fds, []);
      assert.strictEqual(info.credentials !== null, settings.receiveCredentials === true);
    }
    assert.strictEqual(openFds(), before, JSON.stringify(settings));
    server.close();
    peer.destroy();
  }
});

describe('connections without receiveFds', { skip: !refusesRights && 'the kernel has no SO_PASSRIGHTS' }, () => {
  test(
    'descriptors are refused before the connection is accepted, and by a server that listens again',
    options,
    async (t) => {
      const path = sockPath(t);
      const attempt = (settings) => {
        const server = serve(t, { path, unlinkOnClose: true, socket: settings });
        const socket = client(t, path, settings);
        // The server accepts in the next turn of the event loop.
        const result = new Promise((resolve) => {
          socket.write('x', { fds: [openFile(t)] }, (err) => resolve(err ? err.code : 'sent'));
        });
        server.on('connection', (peer) => closing(t, peer));
        server.close();
        return result;
      };
      assert.strictEqual(await attempt({}), 'EPERM');
      assert.strictEqual(await attempt({ receiveFds: true }), 'sent');
      assert.strictEqual(await attempt({ receiveFds: false }), 'EPERM');
    },
  );

  test('an adopted server drops descriptors sent before it accepts, and refuses later ones', options, async (t) => {
    const { fd, send } = await made(t, 'SOCK_SEQPACKET', [], 'listening', 'early');
    const server = serve(t, { fd });
    const [peer] = await once(server, 'connection');
    closing(t, peer);
    const before = openFds();
    const [{ data, info }] = await messages(peer, 1);
    assert.deepStrictEqual([data.toString(), info.fds], ['early', []]);
    assert.strictEqual(openFds(), before);
    assert.deepStrictEqual([await send(1, 1), await send(1)], ['1', '0']); // EPERM
  });
});
