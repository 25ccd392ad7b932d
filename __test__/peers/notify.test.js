'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const { refusesRights } = require('../helpers/adopt');
const { start } = require('../helpers/processes');
const { abstractName, dgram, messages } = require('../helpers/sockets');
const { testExample, testWith } = require('./foreign');

testExample('notify', [
  /-> .*\/notify\n.*READY=1 STATUS=warming up/,
  /-> @node-unix-socket\/notify-/,
  /state +BARRIER=1/,
  /state +STOPPING=1/,
]);

/** Runs systemd-notify. Resolves to its result and the first messages that it sends. */
async function notify(t, settings, count) {
  const name = abstractName();
  const receiver = dgram(t, name, settings);
  const got = messages(receiver, count);
  const env = { ...process.env, NOTIFY_SOCKET: name.replace('\0', '@') };
  const { done } = start(t, 'systemd-notify', ['--ready'], { env });
  const texts = [];
  for (const { data, info } of await got) {
    texts.push(`${data} ${info.fds.length}`);
    for (const fd of info.fds) fs.closeSync(fd); // the barrier
  }
  const { code, stderr } = await done;
  return { code, stderr, texts };
}

testWith('systemd-notify', 'systemd-notify: a receiver with receiveFds passes its barrier', async (t) => {
  const result = await notify(t, { receiveFds: true }, 2);
  assert.deepStrictEqual(result, { code: 0, stderr: '', texts: ['READY=1 0', 'BARRIER=1 1'] });
});

testWith(
  'systemd-notify',
  'systemd-notify: a receiver without receiveFds gets the state, the barrier fails',
  async (t) => {
    if (!refusesRights) return t.skip('the kernel has no SO_PASSRIGHTS');
    const { code, stderr, texts } = await notify(t, {}, 1);
    assert.deepStrictEqual([code, texts], [1, ['READY=1 0']]);
    assert.match(stderr, /barrier: Operation not permitted/);
  },
);
