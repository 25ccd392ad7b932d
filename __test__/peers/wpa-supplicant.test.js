'use strict';

const { testExample } = require('./foreign');

testExample('wpa-supplicant', [/PING -> PONG/, /event 3 CTRL-EVENT-NETWORK-ADDED 1/, /event 3 CTRL-EVENT-TERMINATING/]);
