'use strict';

const { testExample } = require('./foreign');

testExample('haproxy', [
  /haproxy info +GET \/none 503 backend=missing/,
  /another receiver at the same path\nhaproxy info +GET \/shop 200/,
]);
