'use strict';

const { testExample } = require('./foreign');

testExample('abstract-names', [/datagram "hello" from/, /datagram "WORLD" from/, /packet +"there and back"/]);
