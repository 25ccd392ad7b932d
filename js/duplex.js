'use strict';
// A stream.Duplex over a connection, with one chunk per message.

const { bytesOnly } = require('./receive');

/** @param {any} socket @param {boolean} ended whether 'end' was emitted already @returns {import('stream').Duplex} */
function toDuplex(socket, ended) {
  const { Duplex } = require('stream');
  const duplex = new Duplex({
    readableObjectMode: true,
    allowHalfOpen: true,
    read() {
      socket.resume();
    },
    write(chunk, _encoding, callback) {
      send(() => socket.write(chunk, callback), callback);
    },
    final(callback) {
      if (socket.closed) callback();
      else socket.end(callback);
    },
    destroy(err, callback) {
      if (socket.closed) callback(err);
      else {
        socket.once('close', () => callback(err));
        socket.destroy();
      }
    },
  });
  const onData = (/** @type {Buffer} */ data) => {
    if (!duplex.push(data)) socket.pause();
  };
  bytesOnly.add(onData);
  socket.on('data', onData);
  if (ended) duplex.push(null);
  else socket.on('end', () => duplex.push(null));
  socket.on('error', (/** @type {Error} */ err) => duplex.destroy(err));
  socket.on('close', () => {
    // Chunks that the stream has can still be read, but nothing can be written.
    if (!ended && !duplex.readableEnded && !duplex.destroyed) duplex.push(null);
    if (!duplex.writableFinished) duplex.destroy();
  });
  return duplex;
}

/** @param {() => void} body @param {(err: Error) => void} callback */
function send(body, callback) {
  try {
    body();
  } catch (err) {
    callback(/** @type {Error} */ (err));
  }
}

module.exports = { toDuplex };
