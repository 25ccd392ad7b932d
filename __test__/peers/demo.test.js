'use strict';

const { testExample } = require('./foreign');

testExample('demo', [
  /20,000 with the right boundaries/,
  /20,000 arrived, 20,000 of them in order/,
  /400 answered/,
  /Nothing was lost/,
]);
