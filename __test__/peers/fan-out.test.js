'use strict';

const { testExample } = require('./foreign');

testExample('fan-out', [
  /killed: removed because of ECONNREFUSED/,
  /slow: \d+ received, 5 missed/,
  /stopped: given up after 100 missed messages, [1-9]\d* that waited were dropped/,
  /received by 4 of 4/,
  /quick: (\d+) of \1 received, 0 missed/,
]);
