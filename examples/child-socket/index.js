'use strict';

/**
 * Exchanges messages with child processes over socket pairs, one in Node.js and one in python. One command: node examples/child-socket
 */

const assert = require('assert');
const { once } = require('events');
const { example } = require('../lib/example');
const { spawnWithSocket } = require('./parent');

/** Sends a request. Resolves to the reply. */
async function ask(socket, numbers) {
  socket.write(JSON.stringify(numbers));
  const [reply] = await once(socket, 'data');
  return JSON.parse(reply);
}

example(['python3'], async () => {
  const children = {
    'Node.js': spawnWithSocket(process.execPath, [require.resolve('./child.js')]),
    python: spawnWithSocket('python3', [require.resolve('./child.py')]),
  };
  for (const [language, { child, socket }] of Object.entries(children)) {
    for (const numbers of [[1, 2], [3, 4, 5], []]) {
      const { pid, sum } = await ask(socket, numbers);
      console.log(`${language}: the sum of [${numbers}] is ${sum}`);
      assert.strictEqual(
        sum,
        numbers.reduce((a, b) => a + b, 0),
      );
      assert.strictEqual(pid, child.pid);
    }
  }

  const { 'Node.js': first, python: second } = children;
  const exit = once(first.child, 'exit');
  first.socket.end(); // the child gets 'end' and exits
  const [code] = await exit;
  console.log(`the child in Node.js exited with ${code} after end()`);
  assert.strictEqual(code, 0);

  second.socket.on('data', () => {});
  const end = once(second.socket, 'end');
  second.child.kill('SIGKILL');
  await end;
  console.log("the child in python was killed: 'end' of its socket");
  second.socket.end();
});
