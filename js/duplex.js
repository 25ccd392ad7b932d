'use strict';
// A stream.Duplex over a connection: one chunk per message, or a stream of bytes.

const { messageTruncated } = require('./errors');
const { bytesOnly } = require('./receive');

/**
 * @param {any} socket
 * @param {any} state of the socket
 * @param {boolean} bytes
 * @returns {import('stream').Duplex}
 */
function toDuplex(socket, { ended, allowHalfOpen }, bytes) {
  const duplex = createStream(socket, bytes, {
    allowHalfOpen,
    read() {
      socket.resume();
    },
    final(callback) {
      // A connection that closes because both sides have ended is no failure of the stream.
      const onEnd = (/** @type {any} */ err) => callback(err && err.code === 'ERR_SOCKET_CLOSED' ? null : err);
      if (socket.closed) callback();
      else socket.end(onEnd);
    },
    destroy(err, callback) {
      if (socket.closed) callback(err);
      else {
        socket.once('close', () => callback(err));
        socket.destroy();
      }
    },
  });
  const onData = (/** @type {Buffer} */ data, /** @type {import('../index').MessageInfo} */ info) => {
    if (info.truncated) duplex.destroy(messageTruncated(info.size, data.length));
    else if (!duplex.push(data)) socket.pause();
  };
  bytesOnly.add(onData);
  socket.on('data', onData);
  if (ended) duplex.push(null);
  else socket.on('end', () => duplex.push(null));
  socket.on('error', (/** @type {Error} */ err) => duplex.destroy(err));
  socket.on('close', () => {
    // Chunks that the stream has can still be read, but nothing can be written.
    if (!ended && !duplex.readableEnded && !duplex.destroyed) duplex.push(null);
    if (duplex.writableFinished) return;
    if (duplex.readableLength > 0) duplex.once('end', () => duplex.destroy());
    else duplex.destroy();
  });
  return duplex;
}

/** @param {any} socket @param {boolean} bytes @param {import('stream').DuplexOptions} options @returns {import('stream').Duplex} */
function createStream(socket, bytes, options) {
  if (bytes) return new (require('./byte_stream').ByteStream)(socket, options);
  const { Duplex } = require('stream');
  return new Duplex(
    Object.assign(options, {
      readableObjectMode: true,
      write(/** @type {any} */ chunk, /** @type {any} */ _encoding, /** @type {any} */ callback) {
        send(() => socket.write(chunk, callback), callback);
      },
    }),
  );
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
