'use strict';
// The public members that SeqpacketSocket and DgramSocket have in common.

const { EventEmitter } = require('events');
const { makeDisposable } = require('./close');
const { MAX_INT } = require('./constants');
const { cork, uncork } = require('./cork');
const { makeInspectable, socketProperties } = require('./inspect');
const { nameOf } = require('./names');
const { listenerAdded, pause, resume } = require('./receive');
const { needsDrain, writableLength } = require('./send_results');
const { attach, checkOpen, stateOf } = require('./state');
const { integer } = require('./validate');

class SocketBase extends EventEmitter {
  /** @param {import('./open').Opening} opening */
  constructor(opening) {
    super();
    attach(this, opening.state);
    opening.run();
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  on(type, listener) {
    super.on(type, listener);
    listenerAdded(stateOf(this), type);
    return this;
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  addListener(type, listener) {
    return this.on(type, listener);
  }

  /** @param {string | symbol} type @param {(...args: any[]) => void} listener */
  prependListener(type, listener) {
    super.prependListener(type, listener);
    listenerAdded(stateOf(this), type);
    return this;
  }

  address() {
    return nameOf(stateOf(this).localAddress());
  }

  remoteAddress() {
    return nameOf(stateOf(this).remoteAddress());
  }

  getRecvBufferSize() {
    return stateOf(this).getBufferSize(false);
  }

  /** @param {number} size */
  setRecvBufferSize(size) {
    checkOpen(stateOf(this));
    stateOf(this).setBufferSize(false, integer(size, 'size', 1, MAX_INT));
  }

  getSendBufferSize() {
    return stateOf(this).getBufferSize(true);
  }

  /** @param {number} size */
  setSendBufferSize(size) {
    checkOpen(stateOf(this));
    stateOf(this).setBufferSize(true, integer(size, 'size', 1, MAX_INT));
  }

  cork() {
    checkOpen(stateOf(this));
    cork(stateOf(this));
  }

  uncork() {
    checkOpen(stateOf(this));
    uncork(stateOf(this));
  }

  pause() {
    pause(stateOf(this));
    return this;
  }

  resume() {
    resume(stateOf(this));
    return this;
  }

  isPaused() {
    return stateOf(this).paused;
  }

  ref() {
    stateOf(this).setReferenced(true);
    return this;
  }

  unref() {
    stateOf(this).setReferenced(false);
    return this;
  }

  get fd() {
    return stateOf(this).fd;
  }

  get closed() {
    return stateOf(this).closed;
  }

  get writableLength() {
    return writableLength(stateOf(this));
  }

  get writableHighWaterMark() {
    return stateOf(this).highWaterMark;
  }

  get writableNeedDrain() {
    return needsDrain(stateOf(this));
  }

  get bytesRead() {
    return stateOf(this).counters()[0];
  }

  get bytesWritten() {
    return stateOf(this).counters()[1];
  }

  get droppedMessages() {
    return stateOf(this).counters()[2];
  }
}

makeDisposable(SocketBase);
makeInspectable(SocketBase, socketProperties);

module.exports = { SocketBase };
