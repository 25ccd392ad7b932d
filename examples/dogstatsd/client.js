'use strict';

// hot-shots as an application uses it. It uses the unix-dgram package for unix sockets.
const StatsD = require('hot-shots');

const client = new StatsD({
  protocol: 'uds',
  path: process.argv[2],
  globalTags: { env: 'test' },
  errorHandler(err) {
    console.error(err);
    process.exitCode = 1;
  },
});

client.increment('count', 1, { a: 'b' });
client.gauge('gauge', 2.5);
client.timing('timing', 5);
client.set('set', 'user-1');
client.distribution('distribution', 1);
client.histogram('histogram', 3);
client.event('title', 'two\nlines', { priority: 'low' });
client.check('check', client.CHECKS.OK, { message: 'fine' });
client.close();
