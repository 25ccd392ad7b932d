'use strict';
/**
 * Each contestant is a file with this interface:
 *
 *   label                             name in the report
 *   lossy                             true if messages may be lost; the loss is shown and is no error
 *   cannot(params)                    the reason why it cannot run the case, or undefined
 *   listen(path, onConnection, options)   connections; a connection has on('data' | 'drain' | 'close'), write(message, callback) -> false to wait
 *   connect(path, onConnect, options)       for 'drain', cork(), uncork(), end(); options: { busyPoll }, which only this package has
 *   open(path | null, onOpen)         datagrams; a socket has on('data', (message, from)), address(path) -> what send() takes, connect(path, callback),
 *                                       send(message, to, callback), cork(), uncork()
 *   serve(server, { port, host })     makes a net.Server listen on a shared port
 *   packages                          directories of its package, for the load row
 *   native(row, role, params)         instead of these: the command of a process that has the role
 */
const c = require('./c');
const cluster = require('./cluster');
const net = require('./net');

const contestants = {
  ours: require('./ours'),
  '0.2.7': require('./old'),
  net: net.plain,
  'net-cork': net.corked,
  'unix-dgram': require('./unix-dgram'),
  udp: require('./udp'),
  cluster: cluster.roundRobin,
  'cluster-reuseport': cluster.reusePort,
  c: c.floor,
  'c-own': c.own,
  'c-doubled': c.doubled,
  'c-spin': c.spin,
  python: require('./python'),
};
for (const id of Object.keys(contestants)) contestants[id].id = id;

module.exports = contestants;
