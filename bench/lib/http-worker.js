'use strict';
// A server process of the SO_REUSEPORT row: node http-worker.js CONTESTANT PORT
const http = require('http');
const { cpu } = require('./meter');
const [id, port] = process.argv.slice(2);

let requests = 0;
const server = http.createServer((_, response) => {
  requests += 1;
  response.end('ok');
});
server.on('listening', () => process.send('listening'));
require('../contestants')[id].serve(server, { port: Number(port), host: '127.0.0.1' });
process.on('message', () => process.send({ requests, cpu: cpu() }));
process.on('disconnect', () => process.exit(0));
