'use strict';

/**
 * SyslogReceiver receives from logger and rsyslogd; SyslogSender sends to rsyslogd, which writes a file and forwards to the receiver.
 * One command: node examples/syslog
 */

const assert = require('assert');
const fs = require('fs');
const { once } = require('events');
const { example, until } = require('../lib/example');
const { SyslogReceiver, SyslogSender } = require('./syslog');

/** rsyslogd without privileges: reads from one socket, writes to a file and to the socket of the receiver. */
const configuration = (dir) => `
global(workDirectory="${dir}")
module(load="imuxsock" SysSock.Use="off")
module(load="omuxsock")
input(type="imuxsock" Socket="${dir}/rsyslog" UseSpecialParser="off" ParseHostname="on")
template(name="line" type="string" string="%syslogfacility-text%.%syslogseverity-text% %app-name%:%msg:::sp-if-no-1st-sp%%msg%\\n")
action(type="omfile" file="${dir}/log" template="line")
$OMUxSockSocket ${dir}/receiver
*.* :omuxsock:;RSYSLOG_SyslogProtocol23Format
`;

const brief = ({ facility, severity, app, text }) => `${facility}.${severity} ${app}: ${text.trim()}`;

example(['logger', 'rsyslogd'], async ({ dir, run, start, appears }) => {
  const receiver = new SyslogReceiver(`${dir}/receiver`);
  async function received(from) {
    const [message] = await once(receiver, 'message');
    console.log(`${from.padEnd(26)} ${brief(message)}`);
    return message;
  }

  // logger -> receiver
  let next = received('logger -> us');
  await run('logger', [
    '--socket',
    `${dir}/receiver`,
    '-t',
    'disk',
    '-p',
    'daemon.warning',
    'sda1 ist zu 90 % voll: räumen',
  ]);
  assert.strictEqual(brief(await next), 'daemon.warning disk: sda1 ist zu 90 % voll: räumen');
  next = received('logger, RFC 5424 -> us');
  const structured = ['--rfc5424', '--msgid', 'ID47', '--sd-id', 'x@1', '--sd-param', 'a="b"'];
  await run('logger', ['--socket', `${dir}/receiver`, '-t', 'app', ...structured, 'structured']);
  const { id, data, text } = await next;
  assert.deepStrictEqual({ id, text }, { id: 'ID47', text: 'structured' });
  assert.match(data, /\[x@1 a="b"\]/);

  fs.writeFileSync(`${dir}/rsyslog.conf`, configuration(dir));
  start('rsyslogd', ['-n', '-f', `${dir}/rsyslog.conf`, '-i', `${dir}/rsyslog.pid`]);
  await appears(`${dir}/rsyslog`);

  // sender -> rsyslogd -> a file and the receiver
  const sender = new SyslogSender(`${dir}/rsyslog`, { app: 'shop', facility: 'local3' });
  next = received('us -> rsyslogd -> us');
  sender.log('err', 'out of stock: 7 ¾" bolts');
  assert.strictEqual(brief(await next), 'local3.err shop: out of stock: 7 ¾" bolts');

  next = received('logger -> rsyslogd -> us');
  await run('logger', ['--socket', `${dir}/rsyslog`, '-t', 'cron', '-p', 'cron.info', 'done']);
  assert.strictEqual(brief(await next), 'cron.info cron: done');

  const burst = Array.from({ length: 1000 }, (_, i) => `order ${i}`);
  const back = [];
  const all = new Promise((resolve) => {
    receiver.on('message', (message) => {
      if (back.push(message.text.trim()) === burst.length) resolve();
    });
  });
  for (const line of burst) sender.log('info', line);
  await all;
  assert.deepStrictEqual(back, burst);
  console.log(`${'us -> rsyslogd -> us'.padEnd(26)} ${burst.length} more, all and in order`);

  const lines = () => fs.readFileSync(`${dir}/log`, 'utf8').split('\n').filter(Boolean);
  await until(() => lines().length === burst.length + 2, 'the file to be written');
  assert.strictEqual(lines()[0], 'local3.err shop: out of stock: 7 ¾" bolts');
  console.log(`${'us -> rsyslogd -> file'.padEnd(26)} ${lines().length} lines`);
  sender.close();
  receiver.close();
});
