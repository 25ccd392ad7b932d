'use strict';

/**
 * Receives the log of haproxy (`log PATH`), also after the receiver was replaced. One command: node examples/haproxy
 */

const assert = require('assert');
const fs = require('fs');
const http = require('http');
const { example, until } = require('../lib/example');
const { SyslogReceiver } = require('../syslog/syslog');

/** haproxy without privileges: HTTP on a unix socket instead of a port, and one backend that does not exist. */
const configuration = (dir) => `
global
  log ${dir}/log format rfc5424 local3 info
defaults
  mode http
  log global
  timeout client 5s
  timeout server 5s
  timeout connect 1s
frontend web
  bind unix@${dir}/http
  log-format "%HM %HP %ST backend=%b"
  http-request return status 200 content-type text/plain string "hello" if { path /shop }
  default_backend missing
backend missing
  server none unix@${dir}/none
`;

const get = (socketPath, path) =>
  new Promise((resolve, reject) => {
    const request = http.get({ socketPath, path, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
  });

function receive(path, messages) {
  const receiver = new SyslogReceiver(path);
  receiver.on('message', (message) => {
    const { app, severity, text } = message;
    console.log(`${app} ${severity.padEnd(5)} ${text.trim()}`);
    messages.push(message);
  });
  return receiver;
}

example(['haproxy'], async ({ dir, start, appears }) => {
  const messages = [];
  const first = receive(`${dir}/log`, messages);

  fs.writeFileSync(`${dir}/haproxy.cfg`, configuration(dir));
  const haproxy = start('haproxy', ['-db', '-f', `${dir}/haproxy.cfg`]);
  await appears(`${dir}/http`); // haproxy renames its socket to that path when it listens

  assert.strictEqual(await get(`${dir}/http`, '/shop'), 200);
  assert.strictEqual(await get(`${dir}/http`, '/none'), 503);
  await until(() => messages.length === 2, 'two messages');
  first.close();

  console.log('another receiver at the same path');
  const second = receive(`${dir}/log`, messages);
  assert.strictEqual(await get(`${dir}/http`, '/shop'), 200);
  await until(() => messages.length === 3, 'the third message');

  assert.ok(messages.every(({ app, facility, pid }) => app === 'haproxy' && facility === 'local3' && pid > 1));
  assert.deepStrictEqual(
    messages.map(({ text }) => text.trim()),
    ['GET /shop 200 backend=web', 'GET /none 503 backend=missing', 'GET /shop 200 backend=web'],
  );
  haproxy.kill();
  second.close();
});
