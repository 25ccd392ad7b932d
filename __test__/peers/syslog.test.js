'use strict';

const { testExample } = require('./foreign');

testExample('syslog', [
  /logger -> us +daemon.warning disk: /,
  /us -> rsyslogd -> us +1000 more, all and in order/,
  /us -> rsyslogd -> file +1002 lines/,
]);
