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

class SendQueue {
  /** @param {import('../../index').DgramSocket} socket @param {any} state */
  constructor(socket, state) {
    this.socket = socket;
    this.state = state;
    /** The name to which the messages of a connected socket are sent. @type {any} */
    this.peer = undefined;
    /** The only receiver so far, which is known to have existed; null if there are several. @type {any} */
    this.receiver = undefined;
  }

  /** @param {any} name of a receiver that the socket is connected to */
  connected(name) {
    // A connection would stay with the socket that has the name now, so each message is sent to the name.
    this.state.disconnect(0);
    this.peer = name;
    this.receiver = name;
    this.state.setWaitForReceiver(true);
  }

  /**
   * Called before a message to `name`. Messages wait while their receiver is gone only if there is no other: of many receivers
   * some never come back, and their messages would fill the queue.
   * @param {any} name
   */
  sending(name) {
    if (this.receiver === name || this.receiver === undefined || this.receiver === null) return;
    this.receiver = null;
    this.state.setWaitForReceiver(false);
  }

  /** Called when a message to `name` was sent or queued. @param {any} name */
  accepted(name) {
    if (this.receiver !== undefined) return;
    this.receiver = name;
    this.state.setWaitForReceiver(true);
  }

  /** Closes the socket once the queue is sent, or if nothing more can be sent: the receiver takes nothing, or is gone. */
  close() {
    const { receiver, socket, state } = this;
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
      if (receiver !== null && (err.errno === -ECONNREFUSED || err.errno === -ENOENT)) close();
    });
    socket.on('drain', () => {
      if (state.queuedBytes() === 0) close();
    });
    for (let id = 1; id < state.destinations.entries.length; id++) {
      if (state.queuedBytesTo(id) > 0) expectDrain(state, id);
    }
    state.setWaitForReceiver(false);
  }
}

module.exports = { SendQueue, queueBytes };
