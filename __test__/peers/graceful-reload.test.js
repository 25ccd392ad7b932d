'use strict';

const { testExample } = require('./foreign');

testExample('graceful-reload', [
  /requests answered by 8 workers, 0 failed/,
  /the primary keeps the sockets: 20 answered/,
  /only the worker has its socket: 20 reset/,
]);
