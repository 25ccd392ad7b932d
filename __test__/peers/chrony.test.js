'use strict';

const { testExample } = require('./foreign');

testExample('chrony', [/stratum +7/, /frequency +-12\.34567/, /chronyc prints the same/, /invalid/]);
