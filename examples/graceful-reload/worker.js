'use strict';

/** An HTTP server process of primary.js. It accepts connections on the socket that it inherits as descriptor 4. */

const http = require('http');
const net = require('net');

const LISTENING_SOCKET = 4;
let stopping = false;

const server = http.createServer((_request, response) => {
  if (stopping) response.setHeader('Connection', 'close'); // the client opens a new connection for its next request
  response.end(String(process.pid));
});

server.listen({ fd: LISTENING_SOCKET }, () => process.send({ port: server.address().port }));

/**
 * Stops accepting. Each keep-alive connection is closed after its next response, or by keepAliveTimeout (5 s); then this
 * process exits. http.Server#close() would not do: since Node.js 19 it destroys idle connections at once, and the client
 * may just have sent a request on one of them.
 */
function stop() {
  if (stopping) return;
  stopping = true;
  net.Server.prototype.close.call(server, () => {
    if (process.connected) process.disconnect();
  });
}

process.once('message', stop);
process.once('disconnect', stop); // the primary has exited
