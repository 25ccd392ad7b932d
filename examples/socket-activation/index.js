'use strict';

/**
 * systemd-socket-activate listens and starts service.js on the first connection or message. One command: node examples/socket-activation
 */

const assert = require('assert');
const { once } = require('events');
const { DgramSocket, SeqpacketSocket } = require('../..');
const { example } = require('../lib/example');

const SERVICE = [process.execPath, require.resolve('./service')];

example(['systemd-socket-activate'], async ({ dir, start }) => {
  async function activate(path, ...options) {
    const child = start('systemd-socket-activate', [...options, '-l', path, ...SERVICE], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    await once(child.stderr.setEncoding('utf8'), 'data'); // 'Listening on ...'
    child.stderr.resume();
    return async () => {
      const [code] = await once(child, 'close');
      process.stdout.write(output.replace(/^(?=.)/gm, '  '));
      assert.strictEqual(code, 0);
      return output;
    };
  }

  console.log('a seqpacket server that is started by its first connection');
  let done = await activate(`${dir}/echo`, '--seqpacket', '--fdname=requests');
  const client = new SeqpacketSocket();
  client.connect(`${dir}/echo`);
  client.write('hello');
  client.write('world');
  for (const expected of ['HELLO', 'WORLD']) {
    const [reply] = await once(client, 'data');
    console.log(`  reply: ${reply}`);
    assert.strictEqual(reply.toString(), expected);
  }
  client.end();
  assert.match(await done(), /started with descriptor 3 named requests/);

  console.log('a datagram socket that is started by its first message');
  done = await activate(`${dir}/log`, '--datagram', '--fdname=log');
  const sender = new DgramSocket();
  for (const line of ['first', 'second', 'bye']) sender.send(line, `${dir}/log`);
  assert.match(await done(), /logged: first\n.*logged: second\n.*logged: bye/s);
  sender.close();
});
