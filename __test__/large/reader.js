'use strict';
// node reader.js TYPE FD OPTIONS, or a worker of it: one of several readers of one socket. Prints "ready", then a line
// for each message: its number, "empty", or what is wrong with it. A message "stop" ends it: it prints the share of
// the time since the message before in which the processor was busy.

const fs = require('node:fs');
const { lib } = require('../helpers/lib');
const { check } = require('./messages');

const [type, fd, text] = process.argv.slice(2);
const options = JSON.parse(text);
const Class = type === 'dgram' ? lib.DgramSocket : lib.SeqpacketSocket;
const socket = new Class({ ...options, fd: Number(fd) });
const lines = [];
let last = 0;
let cpu = process.cpuUsage();
let count = 0;

function contentOf(descriptor) {
  const content = fs.readFileSync(descriptor, 'latin1');
  fs.closeSync(descriptor);
  return content;
}

function verdict(data, info) {
  try {
    const number = check(data, info, options.readBufferSize);
    const contents = info.fds.map(contentOf);
    const expected = options.receiveFds && number % 3 === 0 ? [`file ${number}`] : [];
    if (String(contents) !== String(expected)) return `${number} with descriptors of ${contents}`;
    if (options.receiveCredentials && info.credentials.uid !== process.getuid()) return 'wrong credentials';
    return number < 0 ? 'empty' : String(number);
  } catch (err) {
    return err.message;
  }
}

socket.on('data', (data, ...rest) => {
  if (data.toString('latin1', 0, 8) === 'stop') {
    const { user, system } = process.cpuUsage(cpu);
    console.log(`busy ${(user + system) / 1e6 / ((performance.now() - last) / 1e3)}`);
    socket.close();
    return;
  }
  lines.push(verdict(data, rest.pop()));
  last = performance.now();
  cpu = process.cpuUsage();
  if (++count % 16 === 0) {
    socket.pause();
    setImmediate(() => socket.resume());
  }
  // All at once, so that output takes no part in who is the faster reader.
  if (lines.length === 1) setImmediate(() => console.log(lines.splice(0).join('\n')));
});
console.log('ready');
