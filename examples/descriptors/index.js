'use strict';

/**
 * Passes open files between programs and verifies the identity of the peer, peer.py. A received descriptor is a duplicate: each process closes
 * its own. One command: node examples/descriptors
 */

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const { SeqpacketServer } = require('../..');
const { example } = require('../lib/example');

example(['python3'], async ({ dir, start }) => {
  const server = new SeqpacketServer();
  server.listen({ path: `${dir}/desk`, mode: 0o600, socket: { receiveFds: true, receiveCredentials: true } });
  const python = start('python3', [require.resolve('./peer.py'), `${dir}/desk`], { stdio: 'inherit' });

  const [socket] = await once(server, 'connection');
  const who = socket.peerCredentials();
  console.log(`connected: pid ${who.pid}, uid ${who.uid}, gid ${who.gid}`);
  assert.deepStrictEqual(who, { pid: python.pid, uid: process.getuid(), gid: process.getgid() });

  // To the peer: it reads the file from the descriptor. This process can close its own when write() has returned.
  fs.writeFileSync(`${dir}/secret`, 'the content of a file\n');
  const fd = fs.openSync(`${dir}/secret`, 'r');
  socket.write('read this', { fds: [fd] });
  fs.closeSync(fd);

  let [message, info] = await once(socket, 'data');
  console.log(`answer: ${JSON.stringify(message.toString())}`);
  assert.strictEqual(message.toString(), 'the content of a file\n');
  assert.deepStrictEqual(info.credentials, who); // the kernel attaches them to each message

  // From the peer: both ends of a pipe that contains data.
  [message, info] = await once(socket, 'data');
  console.log(`${message}: ${info.fds.length} descriptors`);
  const [read, write] = info.fds;
  fs.closeSync(write);
  assert.strictEqual(fs.readFileSync(read, 'utf8'), 'through a pipe of python');
  fs.closeSync(read);

  // Forged credentials: the kernel refuses them unless the sender is root, so received credentials are true.
  [message, info] = await once(socket, 'data');
  console.log(`${message}; its message came from pid ${info.credentials.pid}, uid ${info.credentials.uid}`);
  assert.match(message.toString(), /^forged credentials: refused/);
  assert.strictEqual(info.credentials.pid, python.pid);

  socket.end();
  await once(socket, 'close');
  server.close();
});
