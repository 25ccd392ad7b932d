'use strict';

const { testExample } = require('./foreign');

testExample('holder', [/0 of the requests lost, answered by 4 workers/, /20 answered by the next one/]);
