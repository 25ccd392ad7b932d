'use strict';

const { testExample } = require('./foreign');

testExample('socket-activation', [/started with descriptor 3 named requests/, /reply: WORLD/, /logged: second/]);
