'use strict';
// Socket files of servers and datagram sockets: mode, unlinkStale, unlinkOnClose.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const { basename, dirname } = require('node:path');
const { deadline, once, python, runChild, sockPath, tmp } = require('../../helpers');
const { abstractName, client, closing, dgram, node, range, sent, texts } = require('../../helpers/sockets');
const { lib } = require('../../helpers/lib');

const options = { timeout: deadline };
const LOCK_SUFFIX = '.node-unix-socket-lock';

/** For each kind: `open` creates a socket with a file, `reach` checks that the socket is reachable at the path. */
const kinds = {
  server: {
    open: (t, path, bindOptions) => closing(t, new lib.SeqpacketServer()).listen({ ...bindOptions, path }),
    async reach(t, server, path) {
      const connection = once(server, 'connection');
      const socket = client(t, path);
      closing(t, (await connection)[0]);
      socket.destroy();
    },
  },
  dgram: {
    open(t, path, bindOptions) {
      const socket = dgram(t);
      socket.bind(path, bindOptions);
      return socket;
    },
    async reach(t, socket, path) {
      await sent(dgram(t), 'x', path);
      assert.deepStrictEqual(await texts(socket, 1), ['x']);
    },
  },
};

async function closed(socket) {
  socket.close();
  await once(socket, 'close');
}

for (const [kind, { open, reach }] of Object.entries(kinds)) {
  describe(kind, () => {
    /** The socket file of a closed socket. */
    const stale = async (t, path = sockPath(t)) => {
      await closed(open(t, path));
      assert.ok(fs.lstatSync(path).isSocket());
      return path;
    };

    test('mode sets the permissions under any umask; without it, the umask decides', options, async (t) => {
      const { stdout, stderr } = await runChild(t, modesUnderUmasks, { args: { kind, folder: tmp(t) } });
      assert.strictEqual(stderr, '');
      for (const [umask, mode, found, umaskAfter] of JSON.parse(stdout)) {
        const expected = mode === null ? 0o777 & ~umask : mode;
        const label = `mode ${mode?.toString(8)} under umask ${umask.toString(8)}`;
        assert.strictEqual(found.toString(8), expected.toString(8), label);
        assert.strictEqual(umaskAfter, umask, label);
      }
    });

    test('a file with a mode never has more permissions, also while it is created', options, async (t) => {
      const folder = tmp(t);
      const watcher = python(t, WATCHER, [folder, 0o600]);
      assert.strictEqual(await watcher.line(), 'watching');
      const { stdout, stderr } = await runChild(
        t,
        `process.umask(0);
         for (let i = 0; i < 400; i++) {
           const path = args.folder + '/' + i;
           const options = { mode: 0o600, unlinkOnClose: true };
           if (args.kind === 'dgram') {
             const socket = new lib.DgramSocket();
             socket.bind(path, options);
             socket.close();
           } else {
             new lib.SeqpacketServer().listen({ ...options, path }).close();
           }
         }`,
        { args: { kind, folder } },
      );
      assert.deepStrictEqual({ stdout, stderr }, { stdout: '', stderr: '' });
      watcher.send('stop\n');
      const [seen, wider] = (await watcher.line()).split(' ').map(Number);
      assert.ok(seen > 0);
      assert.strictEqual(wider, 0, `${wider} of ${seen} times the file had more permissions`);
    });

    test(
      'unlinkStale removes the file of a closed socket; without it, bind fails with EADDRINUSE',
      options,
      async (t) => {
        const path = await stale(t);
        assert.throws(() => open(t, path), { code: 'EADDRINUSE', path });
        assert.throws(() => open(t, path, { unlinkStale: false }), { code: 'EADDRINUSE', path });
        await reach(t, open(t, path, { unlinkStale: true }), path);
      },
    );

    test('unlinkStale works on a free path and on an abstract name', options, async (t) => {
      for (const path of [sockPath(t), abstractName()]) {
        await reach(t, open(t, path, { unlinkStale: true, unlinkOnClose: true }), path);
      }
    });

    test('unlinkStale does not remove the file of an open socket', options, async (t) => {
      for (const other of Object.values(kinds)) {
        const path = sockPath(t);
        const served = other.open(t, path);
        const { ino } = fs.lstatSync(path);
        assert.throws(() => open(t, path, { unlinkStale: true }), { code: 'EADDRINUSE', path });
        assert.strictEqual(fs.lstatSync(path).ino, ino);
        served.removeAllListeners();
        await other.reach(t, served, path);
      }
      const stream = require('node:net').createServer().listen(sockPath(t));
      t.after(() => stream.close());
      await once(stream, 'listening');
      assert.throws(() => open(t, stream.address(), { unlinkStale: true }), { code: 'EADDRINUSE' });
    });

    test('unlinkStale does not remove the file of a server whose backlog is full', options, async (t) => {
      const path = sockPath(t);
      const busy = python(t, FULL_BACKLOG, [path]);
      assert.strictEqual(await busy.line(), 'full');
      const { ino } = fs.lstatSync(path);
      assert.throws(() => open(t, path, { unlinkStale: true }), { code: 'EADDRINUSE' });
      assert.strictEqual(fs.lstatSync(path).ino, ino);
    });

    test('unlinkStale does not remove files, folders and links', options, async (t) => {
      const folder = tmp(t);
      fs.writeFileSync(`${folder}/file`, 'content');
      fs.mkdirSync(`${folder}/folder`);
      fs.symlinkSync('file', `${folder}/link`);
      fs.symlinkSync('nothing', `${folder}/dangling`);
      fs.symlinkSync(await stale(t), `${folder}/link-to-stale`);
      const names = fs.readdirSync(folder);
      for (const name of names) {
        assert.throws(() => open(t, `${folder}/${name}`, { unlinkStale: true }), { code: 'EADDRINUSE' }, name);
      }
      assert.deepStrictEqual(fs.readdirSync(folder), names);
      assert.strictEqual(fs.readFileSync(`${folder}/link`, 'utf8'), 'content');
      assert.ok(fs.statSync(`${folder}/link-to-stale`).isSocket());
    });

    test(
      'two processes that bind a stale path at once: one gets EADDRINUSE, the other stays reachable',
      options,
      async (t) => {
        const folder = tmp(t);
        const paths = range(250).map((i) => `${folder}/${i}`);
        for (const path of paths) await stale(t, path);
        const starters = range(2).map(() => node(t, starter, { kind, paths }));
        for (const each of starters) assert.strictEqual(await each.line(), 'ready');
        const at = Date.now() + 100;
        for (const each of starters) each.send(String(at));
        const results = await Promise.all(starters.map(async (each) => JSON.parse(await each.line())));
        for (const [i, path] of paths.entries()) {
          const codes = results.map((result) => result[i]);
          assert.deepStrictEqual(codes.toSorted(), ['', 'EADDRINUSE'], path);
          if (kind === 'dgram') await sent(dgram(t), 'x', path);
          else {
            const socket = client(t, path);
            if (socket.connecting) await once(socket, 'connect');
            socket.destroy();
          }
        }
        assert.deepStrictEqual(fs.readdirSync(folder).length, paths.length); // no lock or temporary file is left
      },
    );

    test('unlinkStale and close() do not wait for a process that locks the directory', options, async (t) => {
      const path = await stale(t);
      const holder = python(t, LOCK, [dirname(path)]);
      assert.strictEqual(await holder.line(), 'locked');
      await reach(t, open(t, path, { unlinkStale: true }), path);
      const sockets = range(20).map((i) => open(t, `${path}-${i}`, { unlinkOnClose: true }));
      const since = performance.now();
      for (const socket of sockets) socket.close();
      assert.ok(performance.now() - since < 1000); // each one that waited took 100 ms
      assert.deepStrictEqual(fs.readdirSync(dirname(path)), [basename(path)]);
    });

    test('unlinkStale fails with EADDRINUSE at once while another process replaces the file', options, async (t) => {
      const path = await stale(t);
      const holder = python(t, LOCK, [path + LOCK_SUFFIX]);
      assert.strictEqual(await holder.line(), 'locked');
      const error = { code: 'EADDRINUSE', syscall: 'bind', path };
      assert.throws(() => open(t, path, { unlinkStale: true }), error);
      assert.ok(fs.lstatSync(path).isSocket());
      holder.kill();
      await holder.done; // without removing its lock
      await reach(t, open(t, path, { unlinkStale: true }), path);
      assert.deepStrictEqual(fs.readdirSync(dirname(path)), [basename(path)]);
    });

    test('unlinkStale does not follow a symbolic link in the place of its lock', options, async (t) => {
      const path = await stale(t);
      fs.symlinkSync(`${path}-elsewhere`, path + LOCK_SUFFIX);
      const error = { code: 'ELOOP', syscall: 'open', path: path + LOCK_SUFFIX };
      assert.throws(() => open(t, path, { unlinkStale: true }), error);
      assert.ok(fs.lstatSync(path).isSocket() && !fs.existsSync(`${path}-elsewhere`));
    });

    test('unlinkStale leaves the directory of a served path untouched', options, async (t) => {
      const path = sockPath(t);
      open(t, path);
      const { mtimeMs } = fs.statSync(dirname(path), { bigint: true });
      assert.throws(() => open(t, path, { unlinkStale: true }), { code: 'EADDRINUSE' });
      assert.strictEqual(fs.statSync(dirname(path), { bigint: true }).mtimeMs, mtimeMs);
    });

    test('the file remains after close() unless unlinkOnClose is true', options, async (t) => {
      for (const [bindOptions, stays] of [
        [{}, true],
        [{ unlinkOnClose: false }, true],
        [{ unlinkOnClose: true }, false],
      ]) {
        const path = sockPath(t);
        await closed(open(t, path, bindOptions));
        assert.strictEqual(fs.existsSync(path), stays);
      }
    });

    test('unlinkOnClose does not remove a file that replaced the socket file', options, async (t) => {
      for (const replace of [
        (path) => open(t, path),
        (path) => fs.writeFileSync(path, 'a file'),
        (path) => fs.mkdirSync(path),
        (path) => fs.symlinkSync('elsewhere', path),
      ]) {
        const path = sockPath(t);
        const first = open(t, path, { unlinkOnClose: true });
        fs.unlinkSync(path);
        const successor = replace(path);
        await closed(first);
        assert.ok(fs.lstatSync(path));
        if (successor?.close) await reach(t, successor, path);
      }
      const gone = open(t, sockPath(t), { unlinkOnClose: true });
      fs.unlinkSync(gone.address());
      await closed(gone);
    });

    test('unlinkOnClose does not remove a file that was renamed', options, async (t) => {
      const path = sockPath(t);
      const moved = open(t, path, { unlinkOnClose: true });
      fs.renameSync(path, `${path}-moved`);
      await closed(moved);
      assert.ok(fs.existsSync(`${path}-moved`));
    });

    test('close() of a socket whose file was replaced leaves its successor reachable', options, async (t) => {
      const path = await stale(t);
      const first = open(t, path, { unlinkStale: true, unlinkOnClose: true });
      fs.unlinkSync(path);
      const second = open(t, path, { unlinkStale: true, unlinkOnClose: true });
      await closed(first);
      await reach(t, second, path);
      await closed(second);
      assert.ok(!fs.existsSync(path));
    });
  });
}

/** Runs in a separate process, because the umask is a property of the process. */
function modesUnderUmasks() {
  const fs = require('fs');
  const results = [];
  for (const umask of [0, 0o22, 0o77, 0o777]) {
    for (const mode of [null, 0, 0o600, 0o660, 0o666, 0o777]) {
      process.umask(umask);
      const path = `${args.folder}/${umask}-${mode}`;
      const options = mode === null ? {} : { mode };
      let socket;
      if (args.kind === 'dgram') {
        socket = new lib.DgramSocket();
        socket.bind(path, options);
      } else {
        socket = new lib.SeqpacketServer().listen({ path, ...options });
      }
      results.push([umask, mode, fs.statSync(path).mode & 0o7777, process.umask()]);
      socket.close();
    }
  }
  console.log(JSON.stringify(results));
}

/** Runs in two separate processes, which bind each path at the same time. */
function starter() {
  const open = {
    server: (path) => new lib.SeqpacketServer().listen({ path, unlinkStale: true }),
    dgram: (path) => new lib.DgramSocket().bind(path, { unlinkStale: true }),
  }[args.kind];
  console.log('ready');
  process.stdin.on('data', (data) => {
    const at = Number(data);
    const results = args.paths.map((path, i) => {
      while (Date.now() < at + i * 2);
      try {
        open(path);
        return '';
      } catch (err) {
        return err.code;
      }
    });
    console.log(JSON.stringify(results));
  });
}

const WATCHER = `import os, select, sys
folder, mode = sys.argv[1], int(sys.argv[2])
print('watching')
seen = wider = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    for entry in os.scandir(folder):
        try:
            found = entry.stat(follow_symlinks=False).st_mode
        except FileNotFoundError:
            continue
        if found & 0o170000 == 0o140000:
            seen += 1
            wider += (found & 0o777 & ~mode) != 0
print(seen, wider)`;

const LOCK = `import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDONLY if os.path.isdir(sys.argv[1]) else os.O_RDWR | os.O_CREAT), fcntl.LOCK_EX)
print('locked')
sys.stdin.read()`;

const FULL_BACKLOG = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1])
s.listen(0)
clients = []
try:
    while True:
        c = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        c.setblocking(False)
        clients.append(c)
        c.connect(sys.argv[1])
except BlockingIOError:
    print('full')
sys.stdin.read()`;
