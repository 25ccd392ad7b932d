'use strict';
const lib = require('../lib/lazy')(() => require('unix-dgram'));

const CONGESTION = 1;
const EAGAIN = -11;

exports.label = 'unix-dgram 2.0.7';
exports.cannot = (params) => (params.mode === 'cork' ? 'no cork()' : undefined);

/**
 * unix-dgram refuses a message if the receiver has no room, and the program has to send it again: on 'writable' if the socket is connected,
 * otherwise in the next turn of the event loop. The order of messages to one destination is kept.
 */
exports.open = (path, onOpen) => {
  const socket = lib().createSocket('unix_dgram');
  const waiting = new Map(); // destination -> messages that were refused
  let polling = false;

  /** Returns false if the destination is full. unix-dgram calls back before send() returns. */
  const attempt = ({ message, to, cb }) => {
    let full = false;
    const sent = (err) => {
      full = err !== undefined && (err.code === CONGESTION || err.code === EAGAIN);
      if (!full) cb(err || null);
    };
    if (socket.connected) socket.send(message, sent);
    else socket.send(message, 0, message.length, to, sent);
    return !full;
  };

  const retry = () => {
    polling = false;
    for (const [to, queue] of waiting) {
      while (queue.length > 0 && attempt(queue[0])) queue.shift();
      if (queue.length === 0) waiting.delete(to);
    }
    poll();
  };

  const poll = () => {
    if (socket.connected || polling || waiting.size === 0) return;
    polling = true;
    setImmediate(retry);
  };

  const submit = (item) => {
    const queue = waiting.get(item.to);
    if (queue) queue.push(item);
    else if (!attempt(item)) waiting.set(item.to, [item]);
    poll();
  };

  if (path) socket.bind(path);
  socket.on('writable', retry);
  socket.on('error', (err) => {
    throw err;
  });
  setImmediate(onOpen, {
    on: (event, fn) =>
      event === 'data' ? socket.on('message', (message, info) => fn(message, info.path)) : socket.on(event, fn),
    address: (to) => to,
    connect(to, callback) {
      socket.connect(to);
      callback();
    },
    send: (message, to, cb) => submit({ message, to, cb }),
  });
};

exports.packages = [
  'node_modules/unix-dgram',
  'node_modules/bindings',
  'node_modules/file-uri-to-path',
  'node_modules/nan',
];
