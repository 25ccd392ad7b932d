'use strict';

const { testExample } = require('./foreign');

testExample('conmon', [/stdout: hello/, /then 100000 bytes until the end of stdin/, /stderr: hello/, /exited with 3/]);
