'use strict';

/** Two ways to share a port with node:cluster, for the SO_REUSEPORT row only. */
exports.roundRobin = {
  label: 'node:cluster, round robin',
  cannot: () => undefined,
  serve: (server, options) => server.listen(options),
};

const [major, minor] = process.versions.node.split('.').map(Number);

exports.reusePort = {
  label: 'node:cluster, reusePort',
  cannot: (params) =>
    params.node || major > 23 || (major === 23 && minor > 0)
      ? undefined
      : `reusePort needs Node 23.1; this is ${process.version} (--node24 PATH)`,
  serve: (server, options) => server.listen({ ...options, reusePort: true }),
};
