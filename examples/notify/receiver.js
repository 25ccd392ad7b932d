'use strict';

/**
 * The supervisor's side of sd_notify(3): a datagram socket that services tell their state to, as systemd's $NOTIFY_SOCKET.
 * Whoever can reach the name can write to it, so what counts is who the kernel says the sender is.
 */

const fs = require('fs');
const { EventEmitter } = require('events');
const { DgramSocket } = require('../..'); // in your program: require('node-unix-socket')

/** READY=1, STATUS=text and so on, a line each. */
function parse(message) {
  const lines = message.toString().split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]));
}

/** Events: state(fields, credentials) · refused(fields, credentials) · error(err). */
class NotifyReceiver extends EventEmitter {
  /**
   * @param {string} path a file, or an abstract name: '\0' first
   * @param {(credentials: { pid: number, uid: number, gid: number }) => boolean} trusted
   */
  constructor(path, trusted) {
    super();
    this.socket = new DgramSocket({ receiveFds: true, receiveCredentials: true });
    this.socket.on('error', (err) => this.emit('error', err));
    this.socket.on('data', (message, _path, info) => {
      // Descriptors are ours from here on. A sender of BARRIER=1 waits until we close its one: all it sent before has been read then.
      for (const fd of info.fds) fs.closeSync(fd);
      const fields = parse(message);
      this.emit(info.credentials && trusted(info.credentials) ? 'state' : 'refused', fields, info.credentials);
    });
    this.socket.bind(path, { mode: 0o666, unlinkOnClose: true });
    /** For the environment of the service. */
    this.NOTIFY_SOCKET = path.replace(/^\0/, '@');
  }

  close() {
    this.socket.close();
  }
}

module.exports = { NotifyReceiver };
