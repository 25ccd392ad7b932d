'use strict';

/**
 * Sends requests to wpa_supplicant and receives events after ATTACH. One command: node examples/wpa-supplicant
 * Needs no radio: the daemon runs with driver 'none' on the loopback interface. It needs root, otherwise the example uses a user namespace.
 */

const assert = require('assert');
const { once } = require('events');
const { example } = require('../lib/example');
const { Control } = require('./control');

async function talk({ dir, start, appears }) {
  const daemon = start('wpa_supplicant', ['-Dnone', '-ilo', '-C', `${dir}/control`, '-g', `${dir}/global`]);
  await appears(`${dir}/control/lo`);
  await appears(`${dir}/global`);

  const lo = new Control(`${dir}/control/lo`);
  const events = [];
  lo.on('event', (level, text) => {
    console.log(`event ${level} ${text}`);
    events.push(text.trim());
  });
  const request = async (command) => {
    const reply = await lo.request(command);
    console.log(`${command} -> ${reply.replace(/\n/g, ', ')}`);
    return reply;
  };

  assert.strictEqual(await request('PING'), 'PONG');
  assert.match(await request('STATUS'), /^wpa_state=DISCONNECTED$/m);
  assert.strictEqual(await request('NO SUCH COMMAND'), 'UNKNOWN COMMAND');
  assert.strictEqual(await request('ADD_NETWORK'), '0');
  assert.deepStrictEqual(events, []); // before ATTACH there are no events

  await lo.command('ATTACH');
  assert.strictEqual(await request('ADD_NETWORK'), '1'); // its event is sent before its reply
  assert.strictEqual(await request('REMOVE_NETWORK 1'), 'OK');
  assert.deepStrictEqual(events.splice(0), ['CTRL-EVENT-NETWORK-ADDED 1', 'CTRL-EVENT-NETWORK-REMOVED 1']);

  // Five requests at once: each one waits for the previous reply and gets its own.
  const ids = await Promise.all(Array.from({ length: 5 }, () => lo.request('ADD_NETWORK')));
  assert.deepStrictEqual(
    ids.map(Number),
    [...ids.keys()].map((i) => i + 1),
  );
  assert.strictEqual(events.length, 5);

  const global = new Control(`${dir}/global`);
  assert.strictEqual(await global.request('INTERFACES'), 'lo');
  console.log('INTERFACES -> lo, on the global socket');
  await global.command('TERMINATE');
  await once(daemon, 'exit');
  assert.ok(events.some((text) => text.startsWith('CTRL-EVENT-TERMINATING')));
  global.close();
  lo.close();
}

if (process.getuid() === 0) {
  example(['wpa_supplicant'], talk);
} else {
  example(['wpa_supplicant', 'unshare'], async ({ run }) => {
    const output = await run('unshare', ['--map-root-user', '--net', process.execPath, __filename]);
    process.stdout.write(output);
  });
}
