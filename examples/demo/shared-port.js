'use strict';

/** Several processes listen on one TCP port, each with its own socket. The kernel distributes the connections. */

const net = require('net');
const { createReuseportFd } = require('../..');
const { startRole, roles, report } = require('./roles');
const { line, bars, number, rate, withProgress } = require('./terminal');

const PROCESSES = 4;
const CONNECTIONS = 400;
const AT_ONCE = 50;
const HOST = '127.0.0.1';

roles(module, {
  listener(port) {
    const server = net.createServer((socket) => socket.end(String(process.pid)));
    server.listen({ fd: createReuseportFd(Number(port), HOST) }, () => report({ port: server.address().port }));
  },
});

/** Resolves to the pid of the process that answered, or to '' if the connection failed. */
function visit(port) {
  return new Promise((resolve) => {
    let answer = '';
    net
      .connect(port, HOST)
      .setEncoding('utf8')
      .on('data', (text) => {
        answer += text;
      })
      .on('error', () => {})
      .on('close', () => resolve(answer));
  });
}

/** Starts the listeners, connects, and resolves to the number of connections of each process. */
async function connectAll(addProgress) {
  const listeners = [startRole(__filename, 'listener', 0)];
  const port = await listeners[0].next('port');
  while (listeners.length < PROCESSES) listeners.push(startRole(__filename, 'listener', port));
  await Promise.all(listeners.slice(1).map((listener) => listener.next('port')));

  const spread = new Map(listeners.map(({ pid }) => [String(pid), 0]));
  const start = Date.now();
  let [made, unanswered] = [0, 0];
  async function visitor() {
    while (made < CONNECTIONS) {
      made++;
      const pid = await visit(port);
      addProgress(1);
      if (spread.has(pid)) spread.set(pid, spread.get(pid) + 1);
      else unanswered++;
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, visitor));
  return { port, spread, unanswered, ms: Date.now() - start };
}

/** Resolves to a list of problems. */
async function run() {
  const { port, spread, unanswered, ms } = await withProgress(CONNECTIONS, 'connections', connectAll);
  bars([...spread].map(([pid, count]) => [`pid ${pid}`, count]));
  line(`${number(CONNECTIONS - unanswered)} answered on port ${port}, ${rate(CONNECTIONS, ms)} a second`);
  const problems = [];
  if (unanswered > 0) problems.push(`connections not answered: ${unanswered}`);
  const idle = [...spread.values()].filter((count) => count === 0).length;
  // Linux distributes by a hash of the addresses. On other systems the last listener may get all connections.
  if (idle > 0 && process.platform === 'linux')
    problems.push(`processes without a connection: ${idle} of ${PROCESSES}`);
  return problems;
}

module.exports = {
  why: 'One TCP port in several processes. Before Node.js 22.12 that needs node:cluster and its primary process.',
  title: 'One TCP port, several processes (SO_REUSEPORT)',
  setting: `${PROCESSES} processes listen on one port; ${CONNECTIONS} connections, ${AT_ONCE} at once.`,
  run,
  shown: [
    'This shows that the kernel distributes the connections over independent processes. No process passes them on.',
    'Code: examples/demo/shared-port.js. Guide: docs/guides/reuseport.md.',
  ],
};
