'use strict';

/**
 * Abstract names (Linux): addresses without a file that disappear with the last descriptor of the socket. In JavaScript they start with '\0'.
 * Their length is exact, as in other programs that do not pad them, for example socat. One command: node examples/abstract-names
 */

const assert = require('assert');
const { once } = require('events');
const { DgramSocket, SeqpacketServer, SeqpacketSocket } = require('../..');
const { example, until, socketExists } = require('../lib/example');

/** The name for socat. In JavaScript it starts with '\0'. */
const name = (what) => `node-unix-socket/${what}-${process.pid}`;
const path = (what) => `\0${name(what)}`;

example(['socat'], async ({ run, start }) => {
  // Datagrams from socat, with replies. socat binds an address of its own, to which the reply is sent.
  const socket = new DgramSocket();
  socket.bind(path('upper'));
  socket.on('data', (message, from) => {
    console.log(`datagram ${JSON.stringify(message.toString())} from ${JSON.stringify(from)}`);
    socket.send(message.toString().toUpperCase(), from);
  });
  const client = `ABSTRACT-SENDTO:${name('upper')},bind=${name('client')}`;
  assert.strictEqual(await run('socat', ['-t2', '-', client], { input: 'hello' }), 'HELLO');

  // Datagrams to socat, which runs tr for each and replies to the address that the kernel has chosen.
  start('socat', [`ABSTRACT-RECVFROM:${name('tr')},fork`, 'EXEC:tr a-z A-Z']);
  await until(() => socketExists(path('tr')), 'socat to listen');
  const autobound = new DgramSocket();
  autobound.bind();
  autobound.send('world', path('tr'));
  const [answer, from] = await once(autobound, 'data');
  console.log(`datagram ${JSON.stringify(answer.toString())} from ${JSON.stringify(from)}`);
  assert.deepStrictEqual([answer.toString(), from], ['WORLD', path('tr')]);
  autobound.close();
  socket.close();

  // A seqpacket connection from socat (type 5 is SOCK_SEQPACKET).
  const server = new SeqpacketServer();
  server.listen(path('echo'));
  server.on('connection', (connection) => {
    connection.on('data', (message) => connection.write(['echo ', message]));
    connection.on('end', () => connection.end());
  });
  const echo = `ABSTRACT-CONNECT:${name('echo')},type=5`;
  assert.strictEqual(await run('socat', ['-t2', '-', echo], { input: 'packet' }), 'echo packet');
  console.log(`socat had an answer from ${JSON.stringify(server.address())}`);
  await new Promise((resolve) => server.close(resolve));
  await until(() => !socketExists(path('echo')), 'the name to go'); // it disappears with the last descriptor

  // A seqpacket connection to socat.
  start('socat', [`ABSTRACT-LISTEN:${name('cat')},type=5`, 'EXEC:cat']);
  await until(() => socketExists(path('cat'), { listening: true }), 'socat to listen');
  const connection = new SeqpacketSocket();
  connection.connect(path('cat'));
  connection.write('there and back');
  const [back] = await once(connection, 'data');
  console.log(`packet   ${JSON.stringify(back.toString())} from ${JSON.stringify(connection.remoteAddress())}`);
  assert.strictEqual(back.toString(), 'there and back');
  connection.end();
  await once(connection, 'close');
});
