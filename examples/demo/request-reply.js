'use strict';

/** Requests and replies over seqpacket connections: one server process, several client processes. Checks every message. */

const { SeqpacketServer, SeqpacketSocket } = require('../..');
const { startRole, roles, report } = require('./roles');
const { line, number, rate, withProgress } = require('./terminal');

const CLIENTS = 4;
const REQUESTS = 5000; // per client
const IN_FLIGHT = 32;
const LARGEST = 4096;

/** The i-th request of a client. Sizes differ, some requests are empty. */
function request(client, i) {
  const size = i % 50 === 0 ? 0 : (i * 7919 + client * 104729) % (LARGEST + 1);
  return Buffer.alloc(size, `${client}:${i} `);
}

roles(module, {
  server(path) {
    const server = new SeqpacketServer();
    server.on('connection', (socket) => {
      socket.on('data', (message) => socket.write(['re: ', message])); // two parts, one message
      socket.on('end', () => socket.end());
    });
    server.listen(path, () => report({ ready: true }));
  },

  client(path, client) {
    const requests = Array.from({ length: REQUESTS }, (_, i) => request(Number(client), i));
    const replies = requests.map((bytes) => Buffer.concat([Buffer.from('re: '), bytes]));
    const socket = new SeqpacketSocket();
    let [sent, received, right] = [0, 0, 0];
    const send = () => {
      if (sent < REQUESTS) socket.write(requests[sent++]);
    };
    socket.on('data', (reply) => {
      if (received < REQUESTS && reply.equals(replies[received])) right++;
      received++;
      if (received % 500 === 0) report({ progress: 500 });
      if (received === REQUESTS) socket.end();
      else send();
    });
    socket.on('close', () => report({ result: { received, right, bytes: socket.bytesRead + socket.bytesWritten } }));
    socket.connect(path, () => report({ ready: true }));
    process.once('message', () => {
      for (let i = 0; i < IN_FLIGHT; i++) send();
    });
  },
});

/** Sends all requests and resolves to the results of the clients. */
async function exchange(dir, addProgress) {
  await startRole(__filename, 'server', `${dir}/server`).next('ready');
  const clients = Array.from({ length: CLIENTS }, (_, i) => startRole(__filename, 'client', `${dir}/server`, i));
  await Promise.all(clients.map((client) => client.next('ready')));
  const start = Date.now();
  for (const client of clients) {
    client.on('progress', addProgress);
    client.send('go');
  }
  const results = await Promise.all(clients.map((client) => client.next('result')));
  return { results, ms: Date.now() - start };
}

/** Resolves to a list of problems. */
async function run(dir) {
  if (process.platform !== 'linux') {
    line('left out: this platform has no SOCK_SEQPACKET for unix sockets');
    return [];
  }
  const total = CLIENTS * REQUESTS;
  const { results, ms } = await withProgress(total, 'replies', (add) => exchange(dir, add));
  const sum = (name) => results.reduce((all, result) => all + result[name], 0);
  line(
    `${number(total)} requests, ${number(sum('received'))} replies, ${number(sum('right'))} with the right boundaries and bytes`,
  );
  line(`${rate(total, ms)} round trips/s, ${rate(sum('bytes') / 1e6, ms)} MB/s`);
  const wrong = total - sum('right');
  return wrong === 0 ? [] : [`replies lost or wrong: ${number(wrong)} of ${number(total)}`];
}

module.exports = {
  why: 'Messages over a connection. Unix sockets of node:net are byte streams without message boundaries.',
  title: 'Request and reply over seqpacket connections',
  setting: `A server process and ${CLIENTS} client processes. Each client keeps ${IN_FLIGHT} requests of 0 to ${number(LARGEST)} bytes in flight.`,
  run,
  shown: [
    "This shows that one write() is one 'data' event at the other end, whatever its size, without framing in the program.",
    'Code: examples/demo/request-reply.js. Guide: docs/guides/seqpacket-socket.md.',
  ],
};
