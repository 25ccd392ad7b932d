'use strict';

const { testExample } = require('./foreign');

testExample('notify', [
  /-> .*\/notify\n.*READY=1 STATUS=warming up/,
  /-> @node-unix-socket\/notify-/,
  /state +BARRIER=1/,
  /state +STOPPING=1/,
]);
