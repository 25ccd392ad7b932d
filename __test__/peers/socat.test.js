'use strict';

// Datagrams and seqpacket connections (type=5) with socat as the peer, with files and abstract names.

const assert = require('node:assert');
const { DgramSocket, SeqpacketServer, SeqpacketSocket } = require('../..');
const { eventually, once, sockPath, socat } = require('../helpers');
const { socketExists } = require('../../examples/lib/example');
const { testWith } = require('./foreign');

const testSocat = (name, body) => testWith('socat', `socat: ${name}`, body);

/** Both kinds of name, for this package and for socat. */
const names = {
  file(t) {
    const path = sockPath(t);
    return { path, word: 'UNIX', name: path };
  },
  abstract() {
    const name = `nus-socat-${process.pid}-${process.hrtime()[1]}`;
    return { path: `\0${name}`, word: 'ABSTRACT', name };
  },
};

const isThere = (path, options) => eventually(() => socketExists(path, options), 'a socket of socat');

function datagram(t, path) {
  const socket = new DgramSocket();
  t.after(() => socket.close());
  if (path !== undefined) socket.bind(path);
  return socket;
}

for (const [kind, make] of Object.entries(names)) {
  testSocat(`datagrams, ${kind}: socat sends messages and gets the replies`, async (t) => {
    const ours = make(t);
    const theirs = make(t);
    const socket = datagram(t, ours.path);
    const child = socat(t, ['-t', '5', '-', `${ours.word}-SENDTO:${ours.name},bind=${theirs.name}`]);
    for (const text of ['one', 'two']) {
      child.send(`${text}\n`);
      const [message, from] = await once(socket, 'data');
      assert.deepStrictEqual([message.toString(), from], [`${text}\n`, theirs.path]);
      socket.send(`re: ${message}`, from);
      assert.strictEqual(await child.line(), `re: ${text}`);
    }
  });

  testSocat(`datagrams, ${kind}: 2,000 messages arrive in order at a slow socat`, async (t) => {
    const theirs = make(t);
    const child = socat(t, ['-u', `${theirs.word}-RECV:${theirs.name}`, 'SYSTEM:sleep 0.3; cat']);
    await isThere(theirs.path);
    const socket = datagram(t);
    const sent = [];
    for (let i = 0; i < 2000; i++) {
      sent.push(new Promise((resolve) => socket.send(`${i} ${'x'.repeat(100)}\n`, theirs.path, resolve)));
    }
    assert.ok((await Promise.all(sent)).every((err) => err === null));
    for (let i = 0; i < 2000; i++) assert.strictEqual(await child.line(), `${i} ${'x'.repeat(100)}`);
  });

  testSocat(`datagrams, ${kind}: socat replies with one process for each message`, async (t) => {
    const theirs = make(t);
    socat(t, [`${theirs.word}-RECVFROM:${theirs.name},fork`, 'EXEC:tr a-z A-Z']);
    await isThere(theirs.path);
    const socket = datagram(t);
    socket.bind();
    for (const text of ['hello', 'world']) {
      socket.send(text, theirs.path);
      const [message, from] = await once(socket, 'data');
      assert.deepStrictEqual([message.toString(), from], [text.toUpperCase(), theirs.path]);
    }
  });

  testSocat(`seqpacket, ${kind}: socat connects, ends its side and still receives`, async (t) => {
    const ours = make(t);
    const server = new SeqpacketServer();
    t.after(() => server.close());
    server.listen(ours.path);
    const child = socat(t, ['-t', '5', '-', `${ours.word}-CONNECT:${ours.name},type=5`]);
    const [socket] = await once(server, 'connection');
    t.after(() => socket.destroy());

    child.send('question\n');
    const [message] = await once(socket, 'data');
    assert.strictEqual(message.toString(), 'question\n');
    socket.write('answer\n');
    assert.strictEqual(await child.line(), 'answer');

    child.end();
    await once(socket, 'end');
    socket.end('last words\n');
    await once(socket, 'close');
    const { code, stdout } = await child.done;
    assert.deepStrictEqual([code, stdout], [0, 'answer\nlast words\n']);
  });

  testSocat(`seqpacket, ${kind}: socat listens and keeps message boundaries; end() closes both`, async (t) => {
    const theirs = make(t);
    const child = socat(t, [`${theirs.word}-LISTEN:${theirs.name},type=5`, 'EXEC:cat']);
    await isThere(theirs.path, { listening: true });
    const socket = new SeqpacketSocket();
    t.after(() => socket.destroy());
    socket.connect(theirs.path);
    for (const size of [1, 100, 8000]) {
      socket.write(Buffer.alloc(size, 'x'));
      const [message] = await once(socket, 'data');
      assert.strictEqual(message.length, size);
    }
    socket.end();
    await Promise.all([once(socket, 'end'), once(socket, 'close')]);
    assert.strictEqual((await child.done).code, 0);
  });
}
