'use strict';

/**
 * Writes to systemd-journald and reads back with journalctl. One command: node examples/journald
 * If no journald runs, the example starts a private one (private.sh).
 */

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const { example } = require('../lib/example');
const { Journal, JOURNAL } = require('./journal');
const { sealedMemfd } = require('./memfd');

const MIB = 1 << 20;

/** Reads the entries of this run. Binary values are arrays of bytes. */
async function readBack(run, id) {
  const lines = await run('journalctl', ['--output=json', '--all', '--no-pager', `EXAMPLE_ID=${id}`]);
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

async function writeAndRead({ run }) {
  const id = `${process.pid}-${Date.now()}`;
  const common = { SYSLOG_IDENTIFIER: 'node-unix-socket', EXAMPLE_ID: id };
  const big = Buffer.alloc(MIB, 'node-unix-socket ');

  const journal = new Journal();
  const sent = [
    [await journal.send({ MESSAGE: 'first line\nsecond line', PRIORITY: 4, ...common }), 'a message of two lines'],
    [
      await journal.send({ MESSAGE: 'bytes', BLOB: Buffer.from([0, 10, 255, 61]), ...common }),
      'a field that is no text',
    ],
    [await journal.send({ MESSAGE: 'big, file', BLOB: big, ...common }), '1 MiB, in a file without a name'],
  ];
  journal.close();

  const sealing = new Journal({ fileFor: sealedMemfd });
  sent.push([await sealing.send({ MESSAGE: 'big, memfd', BLOB: big, ...common }), '1 MiB, in a sealed memfd']);
  sealing.close();
  for (const [how, what] of sent) console.log(`sent      ${what} (as a ${how})`);

  let entries = [];
  for (const end = Date.now() + 10000; entries.length < 4 && Date.now() < end; ) entries = await readBack(run, id);
  assert.deepStrictEqual(
    entries.map((entry) => entry.MESSAGE),
    ['first line\nsecond line', 'bytes', 'big, file', 'big, memfd'],
  );
  assert.strictEqual(entries[0].PRIORITY, '4');
  assert.strictEqual(entries[0]._PID, String(process.pid)); // from the credentials of the message
  assert.deepStrictEqual(entries[1].BLOB, [0, 10, 255, 61]);
  assert.strictEqual(entries[2].BLOB, big.toString());
  assert.strictEqual(entries[3].BLOB, big.toString());
  for (const entry of entries) {
    const blob = entry.BLOB ? ` + ${entry.BLOB.length} bytes` : '';
    console.log(`read back ${JSON.stringify(entry.MESSAGE)}${blob}, from pid ${entry._PID}`);
  }
}

function main() {
  if (fs.existsSync(JOURNAL)) return example(['journalctl', 'python3'], writeAndRead);
  return example(['systemd-journald', 'journalctl', 'python3', 'unshare'], async ({ run }) => {
    console.log('no journald here: starting a private one');
    const output = await run('sh', [path.join(__dirname, 'private.sh'), process.execPath, __filename]);
    process.stdout.write(output);
  });
}

main();
