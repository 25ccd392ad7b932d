'use strict';
// Functions: SO_REUSEPORT sockets for Node's own classes, and socket pairs. `net` is required where it is used, since
// most programs with unix sockets alone never need it.

const { DgramSocket } = require('./dgram');
const environment = require('./environment');
const { invalidValue } = require('./errors');
const { SeqpacketSocket } = require('./seqpacket_socket');
const validate = require('./validate');

/** @param {string} name of an interface: fe80::1%eth0 @returns {number} */
function scopeId(name) {
  for (const entry of require('os').networkInterfaces()[name] || []) {
    if (entry.family === 'IPv6' || /** @type {any} */ (entry.family) === 6) return /** @type {any} */ (entry).scopeid;
  }
  return Number(name) || 0;
}

/**
 * @param {number} [port]
 * @param {string} [host]
 * @param {any} [options]
 * @returns {number}
 */
function createReuseportFd(port = 0, host = '0.0.0.0', options = {}) {
  validate.port(port);
  if (typeof host !== 'string' || !require('net').isIP(host))
    throw invalidValue('host', 'must be an IP address: invalid host');
  const { type, ipv6Only } = validate.object(options, 'options');
  if (type !== undefined && type !== 'tcp' && type !== 'udp')
    throw invalidValue('options.type', "must be 'tcp' or 'udp'");
  const only = validate.boolean(validate.either(ipv6Only, false), 'options.ipv6Only');
  const [address, zone] = host.split('%');
  return environment.binding.reuseportFd(port, address, type === 'udp', only, zone ? scopeId(zone) : 0);
}

/** @param {number} fd */
function closeFd(fd) {
  validate.integer(fd, 'fd', 0, validate.MAX_INT);
  const state = environment.existing();
  if (state === undefined) return environment.binding.closeFd(fd);
  if (state.owns(fd)) throw invalidValue('fd', 'belongs to an open socket: close that');
  state.closeFd(fd);
}

/**
 * The descriptor goes to the server as a handle object, since listen({ fd }) in a cluster worker sends its number to
 * the primary.
 * @template {import('net').Server} S
 * @param {S} server
 * @param {{ port: number, host?: string, backlog?: number, ipv6Only?: boolean }} options
 * @param {() => void} [cb]
 * @returns {S}
 */
function listenReuseport(server, options, cb) {
  environment.check(); // elsewhere a handle object is not listened on, and nothing says so
  if (!validate.object(server, 'server').listen) throw invalidValue('server', 'must be a net.Server');
  const { port, host, backlog, ipv6Only } = validate.object(options, 'options');
  const limit = validate.integer(validate.either(backlog, 511), 'options.backlog', 0, validate.MAX_INT);
  const fn = validate.callback(cb);
  validate.port(port);
  const fd = createReuseportFd(port, validate.either(host, '0.0.0.0'), { ipv6Only });
  let carrier;
  try {
    carrier = new (require('net').Socket)({ fd, readable: false, writable: false });
    server.listen(carrier, limit, fn);
  } catch (err) {
    if (carrier === undefined) closeFd(fd);
    else carrier.destroy();
    throw err;
  }
  return server;
}

/** @param {'seqpacket' | 'dgram'} type @param {any} [options] @returns {any} */
function createSocketPair(type, options) {
  if (type !== 'seqpacket' && type !== 'dgram') throw invalidValue('type', "must be 'seqpacket' or 'dgram'");
  if (options !== undefined) validate.object(options, 'options');
  const Class = type === 'dgram' ? DgramSocket : SeqpacketSocket;
  validate.socketOptions(options);
  const fds = environment.get().socketPair(type === 'dgram');
  /** @type {any[]} */
  const sockets = [];
  try {
    for (const fd of fds) sockets.push(new Class(Object.assign({}, options, { fd })));
  } catch (err) {
    for (const socket of sockets) socket.close();
    for (const fd of fds.slice(sockets.length)) environment.get().closeFd(fd);
    throw err;
  }
  return sockets;
}

module.exports = { closeFd, createReuseportFd, createSocketPair, listenReuseport };
