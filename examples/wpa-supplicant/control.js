'use strict';

/**
 * A client of the control interface of wpa_supplicant and hostapd. A request and its reply are one datagram each; an attached client also
 * receives events. The daemon replies to the address of the sender, so the client needs one: bind() lets the kernel choose an abstract name.
 */

const { EventEmitter } = require('events');
const { DgramSocket } = require('../..'); // in your program: require('node-unix-socket')

/** Events: event(level, text) after ATTACH · error(err) · close(). */
class Control extends EventEmitter {
  /** @param {string} path socket of the interface, such as /run/wpa_supplicant/wlan0, or the global one */
  constructor(path, { timeout = 5000 } = {}) {
    super();
    this.timeout = timeout;
    this.turn = Promise.resolve();
    this.socket = new DgramSocket();
    this.socket.bind();
    this.socket.connect(path);
    this.socket.on('data', (message) => this.receive(message.toString()));
    this.socket.on('error', (err) => this.emit('error', err));
    this.socket.on('close', () => this.emit('close'));
  }

  /** '<3>CTRL-EVENT-...' is an event of level 3; on the global socket it starts with 'IFNAME=wlan0 '. Anything else is a reply. */
  receive(message) {
    const event = /^(?:IFNAME=\S+ )?<(\d)>(.*)$/s.exec(message);
    if (event) this.emit('event', Number(event[1]), event[2]);
    else if (this.answer) this.answer(message.replace(/\n$/, ''));
  }

  /** Resolves to the reply. Replies have no id, so the next request waits for it. */
  request(command) {
    const reply = this.turn.then(() => this.exchange(command));
    this.turn = reply.catch(() => {});
    return reply;
  }

  exchange(command) {
    let timer;
    return new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${command}: no reply`)), this.timeout);
      this.answer = resolve;
      this.socket.send(command, (err) => {
        if (err) reject(err);
      });
    }).finally(() => clearTimeout(timer));
  }

  async command(command) {
    const reply = await this.request(command);
    if (reply !== 'OK') throw new Error(`${command}: ${reply}`);
  }

  close() {
    this.socket.close();
  }
}

module.exports = { Control };
