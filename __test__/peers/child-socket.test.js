'use strict';

const { testExample } = require('./foreign');

testExample('child-socket', [
  /Node\.js: the sum of \[3,4,5\] is 12/,
  /python: the sum of \[1,2\] is 3/,
  /exited with 0 after end\(\)/,
  /'end' of its socket/,
]);
