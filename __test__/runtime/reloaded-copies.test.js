'use strict';
// Copies of the library that are loaded again and again in one process, as by jest.resetModules() and hot reload.

const test = require('node:test');
const assert = require('node:assert');
const path = require('node:path');
const { deadline, runChild, tmp } = require('../helpers');

const options = { timeout: deadline };
const copies = path.join(__dirname, '..', 'fixtures', 'reload', 'copies.js');
const nodeArgs = ['--expose-gc'];

/** Runs source with `load`, `main` and `settle` of copies.js in scope. Returns the lines of its output as JSON. */
async function run(t, source, args = {}) {
  const script = `const { load, main, settle } = require(${JSON.stringify(copies)});\n${source}`;
  const { code, signal, stdout, stderr } = await runChild(t, script, { nodeArgs, args });
  assert.deepStrictEqual([code, signal, stderr], [0, null, '']);
  return stdout.trim().split('\n').map(JSON.parse);
}

/** Uses of a copy, after each of which it must be collected. */
const uses = {
  'its sockets were closed': `main((lib) => new Promise((resolve) => {
    const [a, b] = lib.createSocketPair('seqpacket');
    b.on('data', () => {
      a.destroy();
      b.destroy();
      setImmediate(() => setImmediate(resolve));
    });
    a.write('x');
  }));`,
  'its server was closed': `let n = 0;
  main((lib) => new Promise((resolve) => {
    const server = new lib.SeqpacketServer().listen(args.folder + '/' + n++);
    const client = new lib.SeqpacketSocket();
    server.on('connection', (peer) => {
      for (const socket of [peer, client, server]) socket.close();
      setImmediate(() => setImmediate(resolve));
    });
    client.connect(server.address());
  }));`,
  'its datagram socket was closed with messages in its queue': `main((lib) => new Promise((resolve) => {
    const [a, b] = lib.createSocketPair('dgram', { paused: true });
    while (a.writableLength === 0) a.send(Buffer.alloc(1000));
    a.cork();
    a.send('x', () => {});
    b.close();
    a.close(() => setImmediate(resolve));
  }));`,
  'its sockets were dropped without being used': `main(async (lib) => {
    new lib.SeqpacketSocket();
    new lib.SeqpacketServer();
  });`,
  'its constructors threw': `main(async (lib) => {
    for (const options of [{ fd: 0 }, { fd: 19999 }]) {
      try {
        new lib.SeqpacketSocket(options);
      } catch (err) {
        if (!err.syscall) throw err;
      }
    }
  });`,
  'nothing but reuseport was used': 'main(async (lib) => lib.closeFd(lib.createReuseportFd()));',
};

for (const [what, source] of Object.entries(uses)) {
  test(`a copy of the library is collected after ${what}`, options, async (t) => {
    const results = await run(t, source, { folder: tmp(t) });
    assert.deepStrictEqual(results, [{ kept: 0, handles: 0, fds: 0 }]);
  });
}

test('the binary is loaded once, because Node.js keeps what it adds to V8', options, async (t) => {
  const lines = await run(
    t,
    `let loaded = 0;
    const { dlopen } = process;
    process.dlopen = (...args) => {
      if (args[1].includes('node-unix-socket')) loaded++;
      return dlopen.apply(process, args);
    };
    main(async (lib) => new lib.DgramSocket().close()).then(() => console.log(loaded));`,
  );
  assert.deepStrictEqual(lines, [{ kept: 0, handles: 0, fds: 0 }, 1]);
});

test('a copy whose socket is open goes on, although nothing else refers to it', options, async (t) => {
  const lines = await run(
    t,
    `const other = load();
    (() => {
      const lib = load();
      const server = new lib.SeqpacketServer().listen(args.folder + '/s');
      server.on('connection', (peer) => peer.on('data', (data) => {
        peer.write(data);
        console.log(JSON.stringify('heard ' + data));
        peer.end();
        server.close();
      }));
    })();
    load();
    settle(2).then(() => {
      const client = new other.SeqpacketSocket();
      client.connect(args.folder + '/s');
      client.write('hello');
      client.on('data', (data) => console.log(JSON.stringify('answer ' + data))).on('end', () => client.destroy());
    });`,
    { folder: tmp(t) },
  );
  assert.deepStrictEqual(lines, ['heard hello', 'answer hello']);
});

test('a copy that runs in a vm context is collected with its context', options, async (t) => {
  const lines = await run(
    t,
    `const fs = require('fs');
    const path = require('path');
    const vm = require('vm');
    const folder = path.join(libPath, 'js');
    /** Loads the library's files in a new context, as test runners do. */
    function loadInContext() {
      const context = vm.createContext({ Buffer, process, setImmediate });
      registry.register(vm.runInContext('Object', context)); // which lives as long as the context
      const cache = {};
      const requireFrom = (from) => (name) => {
        if (!name.startsWith('.')) return require(name);
        const file = require.resolve(path.resolve(from, name));
        if (cache[file]) return cache[file].exports;
        const module = cache[file] = { exports: {} };
        const wrapper = vm.runInContext('(function (exports, require, module, __dirname) {' + fs.readFileSync(file) + '})', context, file);
        wrapper(module.exports, requireFrom(path.dirname(file)), module, path.dirname(file));
        return module.exports;
      };
      return requireFrom(folder)('./index');
    }
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    const N = 5;
    async function useOne() {
      const lib = loadInContext();
      const [a, b] = lib.createSocketPair('seqpacket');
      a.write('x');
      await new Promise((resolve) => b.on('data', resolve));
      a.destroy();
      b.destroy();
    }
    (async () => {
      for (let i = 0; i < N; i++) await useOne();
      for (let i = 0; i < 100 && collected < N; i++) {
        gc();
        await new Promise(setImmediate);
      }
      console.log(collected);
    })();`,
  );
  assert.deepStrictEqual(lines, [5]);
});

test('a worker with many copies ends, with sockets of some of them open', options, async (t) => {
  const lines = await run(
    t,
    `const { Worker } = require('worker_threads');
    const source = \`
      const { load, settle } = require(\${JSON.stringify(args.copies)});
      (async () => {
        for (let i = 0; i < 20; i++) {
          const [a, b] = load().createSocketPair('dgram');
          b.on('data', () => {});
          a.send('x');
          if (i % 2 === 0) a.close(), b.close();
          await new Promise(setImmediate);
        }
        await settle(10);
        process.exit(7);
      })();\`;
    new Worker(source, { eval: true }).on('exit', (code) => console.log(code));`,
    { copies },
  );
  assert.deepStrictEqual(lines, [7]);
});
