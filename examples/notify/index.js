'use strict';

/**
 * systemd-notify and client.js report their state to receiver.js. One command: node examples/notify
 */

const assert = require('assert');
const path = require('path');
const { example } = require('../lib/example');
const { NotifyReceiver } = require('./receiver');

const show = (fields) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** Runs a service with a receiver at the address. Resolves to the fields that the service reported, in order. */
async function supervise(run, name, [program, ...args], options) {
  const told = { state: [], refused: [] };
  const receiver = new NotifyReceiver(name, (credentials) => credentials.uid === process.getuid());
  for (const event of ['state', 'refused']) {
    receiver.on(event, (fields, { pid, uid }) => {
      console.log(`  ${event.padEnd(7)} ${show(fields)} (pid ${pid}, uid ${uid})`);
      told[event].push(fields);
    });
  }
  console.log(`${[program, ...args].map((word) => path.basename(word)).join(' ')} -> ${receiver.NOTIFY_SOCKET}`);
  await run(program, args, { env: { ...process.env, NOTIFY_SOCKET: receiver.NOTIFY_SOCKET }, ...options });
  receiver.close();
  return told;
}

example(['systemd-notify'], async ({ dir, run }) => {
  // systemd-notify waits for its barrier: it fails after 5 s unless the receiver closes the descriptor that it sent.
  const foreign = ['systemd-notify', '--ready', '--status=warming up'];
  const told = [{ READY: '1', STATUS: 'warming up' }, { BARRIER: '1' }];

  for (const name of [`${dir}/notify`, `\0node-unix-socket/notify-${process.pid}`]) {
    assert.deepStrictEqual(await supervise(run, name, foreign), { state: told, refused: [] });

    const ours = await supervise(run, name, [process.execPath, require.resolve('./client')]);
    assert.deepStrictEqual(
      ours.state.map((fields) => Object.keys(fields)[0]),
      ['READY', 'STOPPING', 'BARRIER'],
    );

    if (process.getuid() === 0) {
      const nobody = { uid: 65534, gid: 65534 };
      assert.deepStrictEqual(await supervise(run, name, foreign, nobody), { state: [], refused: told });
    }
  }
});
