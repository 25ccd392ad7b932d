'use strict';
// Nothing can fail once a socket has its descriptor: all files are loaded before, and a constructor that throws leaves nothing.

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { EventEmitter, getEventListeners } = require('node:events');
const { deadline, openFds, runChild, tmp } = require('../helpers');
const { install, installOptional, built } = require('../helpers/installed');
const { start } = require('../helpers/processes');
const { lib, root } = require('../helpers/lib');
const { node } = require('../helpers/sockets');
const { version } = require('../../package.json');

const options = { timeout: deadline };
const superuser = process.getuid() === 0;
const NOBODY = 65534;

/** Runs in a process that can open 64 files: opens sockets in every way while n more descriptors are available. */
async function fewDescriptors() {
  const fs = require('fs');
  const report = (line) => fs.writeSync(1, `${JSON.stringify(line)}\n`);
  const open = () => fs.readdirSync('/proc/self/fd').length;
  const hogs = [];
  const fill = (n) => {
    for (;;) {
      try {
        hogs.push(fs.openSync('/dev/null'));
      } catch (_err) {
        break;
      }
    }
    for (let i = 0; i < n; i++) fs.closeSync(hogs.pop());
  };
  const release = () => {
    for (const fd of hogs.splice(0)) fs.closeSync(fd);
  };
  if (args.loaded) lib.DgramSocket;
  const before = open();
  for (let n = 0; n <= 4; n++) {
    for (const [name, source] of Object.entries(args.ways)) {
      fill(n);
      let result;
      try {
        result = new Function('lib', source)(lib);
      } catch (err) {
        result = err.code;
        if (err.code !== 'EMFILE') throw err;
      }
      release();
      const opened = result === 'EMFILE' ? [] : [].concat(result);
      for (const socket of opened) socket.close();
      for (let i = 0; i < 5; i++) await new Promise(setImmediate);
      report([n, name, result === 'EMFILE' ? 'EMFILE' : 'open', open() - before]);
    }
  }
  // The loop still works.
  const [a, b] = lib.createSocketPair('seqpacket');
  b.on('data', (data) => {
    report(String(data));
    process.exit();
  });
  a.write('alive');
}

const ways = {
  'new DgramSocket': [1, 'return new lib.DgramSocket();'],
  'new SeqpacketSocket': [1, 'return new lib.SeqpacketSocket();'],
  'seqpacket pair': [2, "return lib.createSocketPair('seqpacket');"],
  'dgram pair': [2, "return lib.createSocketPair('dgram', { receiveFds: true });"],
};

for (const loaded of [true, false]) {
  test(`few descriptors: a socket is opened, or nothing of it remains; the library is ${loaded ? '' : 'not '}loaded before`, {
    ...options,
    skip: process.platform !== 'linux' && 'Linux only',
  }, async (t) => {
    const sources = Object.fromEntries(Object.entries(ways).map(([name, [, source]]) => [name, source]));
    const given = { ways: sources, loaded };
    const child = node(t, fewDescriptors, given, { prefix: ['prlimit', '--nofile=64'] });
    for (let n = 0; n <= 4; n++) {
      for (const [name, [needed]] of Object.entries(ways)) {
        const [, , result, left] = JSON.parse(await child.line());
        assert.deepStrictEqual([n, name, result, left], [n, name, n < needed ? 'EMFILE' : 'open', 0]);
      }
    }
    assert.strictEqual(JSON.parse(await child.line()), 'alive');
  });
}

test('when a class is first used, all files of the library are loaded', options, async (t) => {
  const { stdout } = await runChild(t, () => {
    lib.DgramSocket;
    console.log(JSON.stringify(Object.keys(require.cache)));
  });
  const loaded = JSON.parse(stdout).map((file) => path.relative(path.join(root, 'js'), file));
  const paths027 = ['dgram.js', 'seqpacket.js', 'socket.js'];
  const files = fs
    .readdirSync(path.join(root, 'js'))
    .filter((file) => file.endsWith('.js') && !paths027.includes(file));
  assert.deepStrictEqual(loaded.filter((file) => files.includes(file)).sort(), files.sort());
});

test('a process whose user cannot read the library goes on using it', {
  ...options,
  skip: !superuser && 'only the superuser can change the user',
}, async (t) => {
  const folder = install(t);
  installOptional(folder, version, built);
  fs.chmodSync(path.join(folder, '..', '..'), 0o700);
  const shared = tmp(t);
  fs.chmodSync(shared, 0o777);
  const source = `
      const lib = require(${JSON.stringify(folder)});
      const first = new lib.DgramSocket();
      process.setgid(${NOBODY});
      process.setuid(${NOBODY});
      const readable = require('fs').existsSync(${JSON.stringify(path.join(folder, 'js'))});
      const server = new lib.SeqpacketServer().listen(${JSON.stringify(path.join(shared, 's'))});
      const client = new lib.SeqpacketSocket();
      client.connect(server.address());
      server.on('connection', (peer) => {
        peer.toDuplex().on('data', (data) => {
          lib.closeFd(lib.createReuseportFd());
          const [a, b] = lib.createSocketPair('dgram');
          b.on('data', (more) => {
            console.log(readable, String(data), String(more));
            for (const socket of [first, server, client, peer, a, b]) socket.close();
          });
          a.send('two');
        });
      });
      client.write('one');`;
  const child = start(t, process.execPath, ['-e', source], { cwd: '/' });
  assert.deepStrictEqual(await child.done, { code: 0, signal: null, stderr: '', stdout: 'false one two\n' });
});

for (const Class of [lib.DgramSocket, lib.SeqpacketSocket]) {
  test(`new ${Class.name} that throws removes its listener from the signal`, options, (t) => {
    const { signal } = new AbortController();
    const fd = fs.openSync('/dev/null');
    t.after(() => fs.closeSync(fd));
    const before = openFds();
    assert.throws(() => new Class({ fd, signal }), { code: 'ENOTSOCK' });
    assert.strictEqual(getEventListeners(signal, 'abort').length, 0);
    assert.strictEqual(openFds(), before);
  });

  test(`new ${Class.name} whose signal throws leaves no descriptor`, options, () => {
    const before = openFds();
    const signal = {
      aborted: false,
      addEventListener() {
        throw new Error('mine');
      },
    };
    assert.throws(() => new Class({ signal }), { message: 'mine' });
    assert.strictEqual(openFds(), before);
  });
}

test('the pair whose second signal listener fails leaves no descriptor and no listener', options, () => {
  const before = openFds();
  let added = 0;
  let removed = 0;
  const signal = {
    aborted: false,
    addEventListener() {
      if (++added === 2) throw new Error('mine');
    },
    removeEventListener() {
      removed++;
    },
  };
  assert.throws(() => lib.createSocketPair('seqpacket', { signal }), { message: 'mine' });
  assert.deepStrictEqual([openFds(), removed], [before, 1]);
});

test('an accessor of a subclass that throws does not matter to NODE_DEBUG', options, async (t) => {
  const { code, stdout, stderr } = await runChild(
    t,
    () => {
      class Mine extends lib.DgramSocket {
        get fd() {
          throw new Error('mine');
        }
      }
      Object.defineProperty(Mine.prototype, 'constructor', {
        get() {
          throw new Error('mine');
        },
      });
      const socket = new Mine();
      socket.close(() => console.log('closed'));
    },
    { env: { NODE_DEBUG: 'unix-socket' } },
  );
  assert.deepStrictEqual([code, stdout], [0, 'closed\n']);
  assert.match(stderr, /DgramSocket#\d+ created, fd \d+/);
});

/** The numbers of the EventEmitter constructor call that throws, for each way to open sockets. */
for (const [what, calls, open] of [
  ['new DgramSocket', 1, () => new lib.DgramSocket()],
  ['new SeqpacketSocket', 1, () => new lib.SeqpacketSocket()],
  ["createSocketPair('seqpacket')", 2, () => lib.createSocketPair('seqpacket')],
  ["createSocketPair('dgram')", 2, () => lib.createSocketPair('dgram')],
]) {
  test(`${what} leaves no descriptor when the EventEmitter constructor throws`, options, (t) => {
    const { init } = EventEmitter;
    t.after(() => {
      EventEmitter.init = init;
    });
    for (let failing = 1; failing <= calls; failing++) {
      const before = openFds();
      let count = 0;
      EventEmitter.init = function (...args) {
        if (++count === failing) throw new Error('mine');
        return init.apply(this, args);
      };
      assert.throws(open, { message: 'mine' });
      EventEmitter.init = init;
      assert.strictEqual(openFds(), before);
    }
  });
}
