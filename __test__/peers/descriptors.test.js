'use strict';

const { testExample } = require('./foreign');

testExample('descriptors', [
  /connected: pid \d+/,
  /answer: "the content of a file/,
  /a pipe: 2 descriptors/,
  /forged credentials: refused/,
]);
