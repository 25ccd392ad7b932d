'use strict';
// A program with an unmodified library from npm that logs numbered messages:
//   node program.js LIBRARY UNIX-DGRAM SOCKET COUNT PACED
// UNIX-DGRAM is the file that the library gets for require('unix-dgram'). PACED is the number of messages for each 5 ms, 0 for
// all in one tick. Commands on standard input: `go`; `end`, which closes the library, or ends the process if it cannot be
// closed. Prints `ready`, `sent`, and at the end its CPU time since `go` in milliseconds.

const fs = require('fs');
const Module = require('module');
const path = require('path');
const readline = require('readline');
const { tool } = require('../../scripts/lib/npm-tools');

const [library, unixDgram, at, count, paced] = process.argv.slice(2);

const resolve = Module._resolveFilename;
Module._resolveFilename = function resolveFilename(request, ...rest) {
  return request === 'unix-dgram' ? unixDgram : resolve.call(this, request, ...rest);
};
const load = (spec, name) => require(path.join(tool(spec), name));

const ignore = () => {};

/** Each library as { log, close }. They read `/dev/log`-like sockets, except hot-shots. */
const libraries = {
  'hot-shots'() {
    const { StatsD } = require('hot-shots');
    const client = new StatsD({ protocol: 'uds', path: at, maxBufferSize: 0, errorHandler: ignore });
    return { log: (text) => client.increment(text), close: () => client.close(ignore) };
  },

  'winston-syslog'() {
    const spec = 'winston-syslog@2.7.1';
    const winston = load(spec, 'winston');
    const { Syslog } = load(spec, 'winston-syslog');
    const transport = new Syslog({ protocol: 'unix-connect', path: at });
    const logger = winston.createLogger({ levels: winston.config.syslog.levels, transports: [transport] });
    logger.on('error', ignore);
    transport.on('error', ignore);
    return { log: (text) => logger.info(text), close: () => transport.close() };
  },

  'bunyan-syslog-unixdgram'() {
    const bunyan = load('bunyan@1.8.15', 'bunyan');
    const SyslogStream = load('bunyan-syslog-unixdgram@1.0.3', 'bunyan-syslog-unixdgram');
    const stream = new SyslogStream({ path: at, name: 'program' });
    const logger = bunyan.createLogger({ name: 'program', streams: [{ type: 'raw', level: 'info', stream }] });
    return { log: (text) => logger.info(text), close: () => process.exit() };
  },

  ain2() {
    const Syslog = load('ain2@3.0.0', 'ain2');
    const logger = new Syslog({ tag: 'program', facility: 'user', path: at });
    return { log: (text) => logger.info(text), close: () => process.exit() };
  },
};

const { log, close } = libraries[library]();
let before;
process.on('exit', () => {
  const { user, system } = process.cpuUsage(before);
  fs.writeSync(1, `${(user + system) / 1000}\n`);
});

function send() {
  let next = 0;
  const some = (n) => {
    for (const end = next + n; next < end; next++) log(`seq_${next}_`);
  };
  const all = Number(count);
  if (paced === '0') {
    some(all);
    console.log('sent');
    return;
  }
  const timer = setInterval(() => {
    if (next < all) return some(Math.min(Number(paced), all - next));
    clearInterval(timer);
    console.log('sent');
  }, 5);
}

const commands = {
  go() {
    before = process.cpuUsage();
    send();
  },
  end() {
    close();
    process.stdin.destroy();
  },
};
readline.createInterface({ input: process.stdin }).on('line', (line) => commands[line]());
console.log('ready');
