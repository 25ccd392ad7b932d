'use strict';
// The queue that createSocket() of unix-dgram.js can add: messages that the receiver has no room for wait, in order, also
// while the receiver restarts. The environment variable turns it on for programs that cannot be changed.

const { constants } = require('os');
const { invalidValue } = require('../errors');
const { expectDrain } = require('../send_results');
const { clearTimeout, setTimeout } = require('../timers');
const validate = require('../validate');

const VARIABLE = 'NODE_UNIX_SOCKET_UNIX_DGRAM_QUEUE';
const DEFAULT_BYTES = 1024 * 1024;
/** A closed socket gives up if the receiver took nothing for this long. */
const MAX_IDLE_MS = 200;

const { ECONNREFUSED, ENOENT } = constants.errno;

/**
 * Bytes of the queue, 0 for none.
 * @param {unknown} option of createSocket: true, false, or bytes
 * @param {boolean} queued whether there is a queue if neither the option nor the environment variable says so
 */
function queueBytes(option, queued) {
  if (option === undefined) return bytesOfVariable(process.env[VARIABLE] || (queued ? '1' : '0'));
  if (typeof option === 'boolean') return option ? DEFAULT_BYTES : 0;
  return validate.integer(option, 'options.queue', 0, Number.MAX_SAFE_INTEGER);
}

/** @param {string} text 0, 1 for the default, or bytes */
function bytesOfVariable(text) {
  if (!/^\d{1,15}$/.test(text)) throw invalidValue(VARIABLE, `must be a number of bytes. Received '${text}'`);
  return text === '1' ? DEFAULT_BYTES : Number(text);
}

/**
 * Closes a socket once its queue is sent, or if nothing more can be sent: the receiver takes nothing, or the connected peer
 * is gone.
 * @param {import('../../index').DgramSocket} socket
 * @param {any} state
 * @param {boolean} connected
 */
function closeWhenSent(socket, state, connected) {
  let sent = socket.bytesWritten;
  let timer = setTimeout(check, MAX_IDLE_MS);
  function check() {
    if (sent === socket.bytesWritten) return close();
    sent = socket.bytesWritten;
    timer = setTimeout(check, MAX_IDLE_MS);
  }
  function close() {
    clearTimeout(timer);
    socket.close();
  }
  socket.removeAllListeners();
  socket.pause();
  socket.on('error', (/** @type {any} */ err) => {
    if (connected && (err.errno === -ECONNREFUSED || err.errno === -ENOENT)) close();
  });
  socket.on('drain', () => {
    if (state.queuedBytes() === 0) close();
  });
  for (let id = 1; id < state.destinations.entries.length; id++)
    if (state.queuedBytesTo(id) > 0) expectDrain(state, id);
  state.setWaitForReceiver(false);
}

module.exports = { closeWhenSent, queueBytes };
