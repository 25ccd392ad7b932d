'use strict';

/**
 * Receives access_log and error_log of nginx (syslog:server=unix:PATH). One command: node examples/nginx
 */

const assert = require('assert');
const fs = require('fs');
const http = require('http');
const { example, until } = require('../lib/example');
const { SyslogReceiver } = require('../syslog/syslog');

/** nginx without privileges: all files in the directory, and HTTP on a unix socket instead of a port. */
const configuration = (dir) => `
daemon off; master_process off; pid ${dir}/pid;
error_log stderr crit;
events {}
http {
  client_body_temp_path ${dir}; proxy_temp_path ${dir}; fastcgi_temp_path ${dir}; uwsgi_temp_path ${dir}; scgi_temp_path ${dir};
  log_format facts '$request_method $request_uri $status $body_bytes_sent';
  access_log syslog:server=unix:${dir}/log,nohostname,tag=web,severity=info facts;
  error_log syslog:server=unix:${dir}/log,nohostname,tag=web error;
  server {
    listen unix:${dir}/http;
    location / { return 200 "hello\\n"; }
    location /files/ { root ${dir}; }
  }
}
`;

const get = (socketPath, path) =>
  new Promise((resolve, reject) => {
    const request = http.get({ socketPath, path, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject);
  });

example(['nginx'], async ({ dir, start, appears }) => {
  const receiver = new SyslogReceiver(`${dir}/log`);
  const messages = [];
  receiver.on('message', (message) => {
    console.log(`${message.app} ${message.severity.padEnd(5)} ${message.text}`);
    messages.push(message);
  });

  fs.writeFileSync(`${dir}/nginx.conf`, configuration(dir));
  const nginx = start('nginx', ['-p', dir, '-e', 'stderr', '-c', `${dir}/nginx.conf`]);
  await appears(`${dir}/pid`); // nginx writes it when it listens

  assert.strictEqual(await get(`${dir}/http`, '/shop?item=7'), 200);
  assert.strictEqual(await get(`${dir}/http`, '/files/none'), 404);
  await until(() => messages.length === 3, 'three messages');
  assert.ok(messages.every(({ app, facility }) => app === 'web' && facility === 'local7'));
  assert.ok(messages.some(({ severity, text }) => severity === 'info' && text === 'GET /shop?item=7 200 6'));
  assert.ok(messages.some(({ severity, text }) => severity === 'info' && text.startsWith('GET /files/none 404 ')));
  assert.ok(messages.some(({ severity, text }) => severity === 'err' && text.includes('No such file or directory')));
  nginx.kill();
  receiver.close();
});
