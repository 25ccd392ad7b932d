'use strict';
// SO_REUSEPORT sockets for Node's own classes. `net` is loaded when it is used, because most programs with unix sockets
// never need it.

const binding = require('./binding');
const { MAX_INT } = require('./constants');
const environment = require('./environment');
const { alreadyListening, invalidType, invalidValue } = require('./errors');
const { reuseportFdOptions, reuseportOptions } = require('./options');
const { settleReuseAddress } = require('./reuse_address');
const { nextTick } = require('./timers');
const validate = require('./validate');

/** @param {string} name of an interface, as in fe80::1%eth0 @returns {number} */
function scopeId(name) {
  for (const entry of require('os').networkInterfaces()[name] || []) {
    if (entry.family === 'IPv6' || /** @type {any} */ (entry.family) === 6) return /** @type {any} */ (entry).scopeid;
  }
  return Number(name) || 0;
}

/** @type {(port: number, host: string, type: string, ipv6Only: boolean) => number} */
function openFd(port, host, type, ipv6Only) {
  const [address, zone] = host.split('%');
  const fd = binding.reuseportFd(port, address, type === 'udp', ipv6Only, zone ? scopeId(zone) : 0);
  settleReuseAddress(fd);
  return fd;
}

/**
 * @param {number} [port]
 * @param {string} [host]
 * @param {any} [options]
 * @returns {number}
 */
function createReuseportFd(port = 0, host = '0.0.0.0', options = {}) {
  validate.port(port, 'port', 'createReuseportFd');
  validate.host(host, 'host', 'createReuseportFd');
  const { type, ipv6Only } = reuseportFdOptions(options);
  return openFd(port, host, type, ipv6Only);
}

/** @param {number} fd */
function closeFd(fd) {
  validate.integer(fd, 'fd', 0, MAX_INT, 'closeFd');
  const opened = environment.get();
  if (opened !== undefined && opened.owns(fd))
    throw invalidValue('fd', 'belongs to an open socket: close that', 'closeFd');
  binding.closeFd(fd);
}

/** Servers of this cluster worker. @type {Set<import('net').Server>} */
const workerServers = new Set();

function closeWorkerServers() {
  for (const server of [...workerServers]) if (server.listening) server.close();
}

/**
 * Closes the server when the cluster worker disconnects from the primary, as Node.js does with the servers that listen
 * through the primary. The event of cluster.worker is used, because a listener of process keeps the channel open.
 * @type {(server: import('net').Server, worker: any) => void}
 */
function closeOnDisconnect(server, worker) {
  if (workerServers.has(server)) return;
  if (!worker.isConnected()) {
    nextTick(() => server.close());
    return;
  }
  if (workerServers.size === 0) worker.on('disconnect', closeWorkerServers);
  workerServers.add(server);
  server.once('close', () => {
    workerServers.delete(server);
    if (workerServers.size === 0) worker.removeListener('disconnect', closeWorkerServers);
  });
}

/**
 * Calls server.listen(handle) so that it listens on this handle. In a cluster worker, Node.js before 20.13 asks the primary
 * for another socket instead, unless `cluster` says that this process is the primary.
 * @type {(cluster: any, server: import('net').Server, handle: any, backlog: number, cb: any) => void}
 */
function listenOnHandle(cluster, server, handle, backlog, cb) {
  const { isMaster, isPrimary } = cluster;
  Object.assign(cluster, { isMaster: true, isPrimary: true });
  try {
    server.listen(handle, backlog, cb);
  } finally {
    Object.assign(cluster, { isMaster, isPrimary });
  }
}

/**
 * Passes the descriptor to the server as a handle object, because listen({ fd }) in a cluster worker sends the number of
 * the descriptor to the primary process. A failed system call is emitted as 'error', as by listen().
 * @template {import('net').Server} S
 * @param {S} server
 * @param {{ port: number, host?: string, backlog?: number, ipv6Only?: boolean }} options
 * @param {() => void} [cb]
 * @returns {S}
 */
function listenReuseport(server, options, cb) {
  environment.checkPlatform(); // Other runtimes ignore a handle object without an error.
  const { Server, Socket } = require('net');
  const cluster = /** @type {any} */ (require('cluster'));
  if (!(server instanceof Server)) throw invalidType('server', 'an instance of net.Server', server, 'listenReuseport');
  const { port, host, backlog, ipv6Only } = reuseportOptions(options);
  const fn = validate.callback(cb, 'listenReuseport');
  if (server.listening) throw alreadyListening();
  let fd = -1;
  let carrier;
  try {
    fd = openFd(port, host, 'tcp', ipv6Only);
    carrier = new Socket({ fd, readable: false, writable: false });
  } catch (err) {
    if (fd >= 0) binding.closeFd(fd);
    const error = Object.assign(/** @type {Error} */ (err), { address: host, port });
    nextTick(() => server.emit('error', error));
    return server;
  }
  try {
    if (cluster.worker) listenOnHandle(cluster, server, carrier, backlog, fn);
    else server.listen(carrier, backlog, fn);
  } catch (err) {
    carrier.destroy();
    throw err;
  }
  if (cluster.worker && server.listening) closeOnDisconnect(server, cluster.worker);
  return server;
}

module.exports = { closeFd, createReuseportFd, listenReuseport };
