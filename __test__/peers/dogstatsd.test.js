'use strict';

const { testExample } = require('./foreign');

testExample('dogstatsd', [/hot-shots\n/, /datadog\n/, /event +"title" "two\\nlines"/]);
