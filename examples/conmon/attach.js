'use strict';

/**
 * Attaches to a container of podman or CRI-O: stdin, stdout and stderr of its process as streams. conmon, the monitor of the container, listens
 * on a seqpacket socket. Each message from it is one byte, 2 for stdout or 3 for stderr, and then output. A message to it is input; when the
 * client shuts down its write side, stdin of the process ends. conmon closes the connection when the process has exited.
 */

const { Readable, Writable } = require('stream');
const { SeqpacketSocket } = require('../..'); // in your program: require('node-unix-socket')

const STDERR = 3;
/** Less than conmon receives of one message (version 2.1.6: 32,768 bytes), because it drops the rest. */
const MAX_INPUT = 8192;

/** @param {string} path the file `attach` in the bundle directory of the container; podman: next to `podman inspect -f '{{.ConmonPidFile}}' ID` */
function attach(path) {
  const socket = new SeqpacketSocket();
  socket.connect(path);

  const resume = () => {
    if ([stdout, stderr].every((output) => output.readableLength < output.readableHighWaterMark)) socket.resume();
  };
  const stdout = new Readable({ read: resume });
  const stderr = new Readable({ read: resume });
  const stdin = new Writable({
    write(chunk, _encoding, callback) {
      let offset = 0;
      for (; chunk.length - offset > MAX_INPUT; offset += MAX_INPUT) socket.write(chunk, offset, MAX_INPUT);
      socket.write(chunk, offset, chunk.length - offset, callback);
    },
    final: (callback) => socket.end(callback),
  });
  const streams = { stdin, stdout, stderr };

  socket.on('data', (message) => {
    const output = message[0] === STDERR ? stderr : stdout;
    if (!output.push(message.subarray(1))) socket.pause();
  });
  socket.on('end', () => {
    stdout.push(null);
    stderr.push(null);
    socket.end();
  });
  socket.on('error', (err) => {
    for (const stream of Object.values(streams)) stream.destroy(err);
  });
  return streams;
}

module.exports = { attach };
