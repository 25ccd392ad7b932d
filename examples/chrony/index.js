'use strict';

/**
 * Asks chronyd how the clock is synchronised, as `chronyc tracking` does, and compares the replies. One command: node examples/chrony
 * chronyd runs with -x, so it does not touch the clock, and without an NTP source.
 */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const { example, socketExists, until } = require('../lib/example');
const { Chrony } = require('./chrony');

/** scripts/test/install-peers.sh unpacks them; an installation would replace the time daemon of the machine. */
const CHRONYD = '.peers/chrony/usr/sbin/chronyd';
const CHRONYC = '.peers/chrony/usr/bin/chronyc';

const UNKNOWN_COMMAND = { command: 9999, reply: 0, length: 0 };

const configuration = (dir) => `
local stratum 7
port 0
cmdport 0
bindcmdaddress ${dir}/chronyd.sock
pidfile ${dir}/pid
driftfile ${dir}/drift
`;

example([CHRONYD, CHRONYC], async ({ dir, run, start }) => {
  const folder = `${dir}/chrony`; // chronyd and chronyc refuse a directory that others can use
  fs.mkdirSync(folder, { mode: 0o700 });
  fs.writeFileSync(`${folder}/drift`, '-12.345678 0.25\n'); // parts per million: the frequency and its uncertainty
  fs.writeFileSync(`${folder}/chrony.conf`, configuration(folder));
  const chronyd = start(CHRONYD, [
    '-d',
    '-x',
    '-U',
    '-L',
    '1',
    '-u',
    os.userInfo().username,
    '-f',
    `${folder}/chrony.conf`,
  ]);
  const path = `${folder}/chronyd.sock`;
  await until(() => socketExists(path), 'chronyd');

  const chrony = new Chrony(path);
  const tracking = await chrony.tracking();
  for (const [name, value] of Object.entries(tracking)) console.log(`${name.padEnd(17)} ${value}`);
  assert.strictEqual(tracking.stratum, 7);
  assert.ok(Math.abs(tracking.frequency - -12.345678) < 1e-5);

  const columns = (await run(CHRONYC, ['-c', '-h', path, 'tracking'])).trim().split(',');
  assert.deepStrictEqual(
    [tracking.referenceId, String(tracking.stratum), tracking.frequency.toFixed(3), tracking.leapStatus],
    [columns[0], columns[2], columns[7], columns[13]],
  );
  console.log('chronyc prints the same');

  const replies = await Promise.all([chrony.tracking(), chrony.tracking(), chrony.tracking()]);
  assert.ok(replies.every(({ referenceId }) => referenceId === tracking.referenceId));
  await assert.rejects(chrony.request(UNKNOWN_COMMAND), /chronyd: invalid/);
  console.log('a command that chronyd does not know: invalid');

  chrony.close();
  chronyd.kill();
});
