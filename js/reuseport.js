'use strict';
// SO_REUSEPORT sockets for Node's own classes. `net` is loaded when it is used, because most programs with unix sockets
// never need it.

const binding = require('./binding');
const { MAX_INT } = require('./constants');
const environment = require('./environment');
const { invalidValue } = require('./errors');
const { settleReuseAddress } = require('./reuse_address');
const validate = require('./validate');

/** @param {string} name of an interface, as in fe80::1%eth0 @returns {number} */
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
  const fd = binding.reuseportFd(port, address, type === 'udp', only, zone ? scopeId(zone) : 0);
  settleReuseAddress(fd);
  return fd;
}

/** @param {number} fd */
function closeFd(fd) {
  validate.integer(fd, 'fd', 0, MAX_INT);
  const opened = environment.get();
  if (opened !== undefined && opened.owns(fd)) throw invalidValue('fd', 'belongs to an open socket: close that');
  binding.closeFd(fd);
}

/**
 * Passes the descriptor to the server as a handle object, because listen({ fd }) in a cluster worker sends the number of
 * the descriptor to the primary process.
 * @template {import('net').Server} S
 * @param {S} server
 * @param {{ port: number, host?: string, backlog?: number, ipv6Only?: boolean }} options
 * @param {() => void} [cb]
 * @returns {S}
 */
function listenReuseport(server, options, cb) {
  environment.checkPlatform(); // Other runtimes ignore a handle object without an error.
  if (!validate.object(server, 'server').listen) throw invalidValue('server', 'must be a net.Server');
  const { port, host, backlog, ipv6Only } = validate.object(options, 'options');
  const limit = validate.integer(validate.either(backlog, 511), 'options.backlog', 0, MAX_INT);
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

module.exports = { closeFd, createReuseportFd, listenReuseport };
