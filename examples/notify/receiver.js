'use strict';

/**
 * The supervisor side of sd_notify(3): a datagram socket that receives the state of services, like $NOTIFY_SOCKET of systemd.
 * Any process that can reach the address can send to it, so the sender is identified by its credentials.
 */

const fs = require('fs');
const { EventEmitter } = require('events');
const { DgramSocket } = require('../..'); // in your program: require('node-unix-socket')

/** Parses lines such as READY=1 and STATUS=text. */
function parse(message) {
  const lines = message.toString().split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]));
}

/** Events: state(fields, credentials) · refused(fields, credentials) · error(err). */
class NotifyReceiver extends EventEmitter {
  /**
   * @param {string} path a file, or an abstract name that starts with '\0'
   * @param {(credentials: { pid: number, uid: number, gid: number }) => boolean} trusted
   */
  constructor(path, trusted) {
    super();
    this.socket = new DgramSocket({ receiveFds: true, receiveCredentials: true });
    this.socket.on('error', (err) => this.emit('error', err));
    this.socket.on('data', (message, _path, info) => {
      // This listener owns the descriptors. The sender of BARRIER=1 waits until its descriptor is closed; all its earlier messages are read then.
      for (const fd of info.fds) fs.closeSync(fd);
      const fields = parse(message);
      this.emit(info.credentials && trusted(info.credentials) ? 'state' : 'refused', fields, info.credentials);
    });
    this.socket.bind(path, { mode: 0o666, unlinkOnClose: true });
    /** Value for the environment of the service. */
    this.NOTIFY_SOCKET = path.replace(/^\0/, '@');
  }

  close() {
    this.socket.close();
  }
}

module.exports = { NotifyReceiver };
