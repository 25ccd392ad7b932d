'use strict';

const { testExample } = require('./foreign');

testExample('journald', [
  /sent .*two lines .as a datagram/,
  /1 MiB, in a sealed memfd .as a descriptor/,
  /read back "big, memfd" \+ 1048576 bytes/,
]);
