'use strict';
// Every async resource that async_hooks sees is destroyed once.

const test = require('node:test');
const assert = require('node:assert');
const { deadline, runChild, tmp } = require('../helpers');

const prelude = `
const ids = new Map();
require('async_hooks').createHook({
  init(id, type) {
    if (/UNIX|SEQPACKET/.test(type)) ids.set(id, { type, destroyed: 0 });
  },
  destroy(id) {
    if (ids.has(id)) ids.get(id).destroyed++;
  },
}).enable();
const { DgramSocket, SeqpacketServer, SeqpacketSocket, createSocketPair } = lib;
const attempt = (fn) => {
  try {
    fn();
  } catch (err) {
    if (!err.code) throw err;
  }
};
const wrong = () => [...ids.values()].filter(({ destroyed }) => destroyed !== 1).map(({ type, destroyed }) => type + ' ' + destroyed);
(async () => {
  await use();
  for (let i = 0; i < 100 && wrong().length > 0; i++) {
    gc();
    await new Promise(setImmediate);
  }
  for (let i = 0; i < 5; i++) await new Promise(setImmediate); // a second destroy would come now
  console.log(JSON.stringify({ seen: ids.size, wrong: wrong() }));
})();
`;

/** What a program does -> how many resources that makes, and its source, the body of an async function. */
const uses = {
  'a constructor that adopts a descriptor of another kind': [
    20,
    'for (let i = 0; i < 10; i++) for (const Class of [DgramSocket, SeqpacketSocket]) attempt(() => new Class({ fd: 0 }));',
  ],
  'a constructor whose signal throws': [
    10,
    `const signal = { aborted: false, addEventListener() { throw Object.assign(new Error(), { code: 'MINE' }); } };
     for (let i = 0; i < 10; i++) attempt(() => new DgramSocket({ signal }));`,
  ],
  'sockets and servers that are dropped without being used': [
    20,
    'for (let i = 0; i < 10; i++) { new SeqpacketSocket(); new SeqpacketServer(); }',
  ],
  'connections that fail': [
    10,
    "for (let i = 0; i < 10; i++) { const socket = new SeqpacketSocket(); attempt(() => socket.connect(args.folder + '/none')); }",
  ],
  'pairs that are destroyed': [
    40,
    "for (let i = 0; i < 10; i++) for (const type of ['seqpacket', 'dgram']) for (const socket of createSocketPair(type)) socket.close();",
  ],
  'a server with a connection': [
    3,
    `const server = new SeqpacketServer().listen(args.folder + '/s');
     const client = new SeqpacketSocket();
     client.connect(server.address());
     const peer = await new Promise((resolve) => server.on('connection', resolve));
     for (const socket of [client, peer, server]) socket.close();`,
  ],
};

for (const [what, [seen, source]] of Object.entries(uses)) {
  test(`${what}: each async resource is destroyed once`, { timeout: deadline }, async (t) => {
    const script = `async function use() { ${source} }\n${prelude}`;
    const result = await runChild(t, script, { nodeArgs: ['--expose-gc'], args: { folder: tmp(t) } });
    assert.deepStrictEqual([result.code, result.signal, result.stderr], [0, null, '']);
    assert.deepStrictEqual(JSON.parse(result.stdout), { seen, wrong: [] });
  });
}
