'use strict';

const { testExample } = require('./foreign');

testExample('nginx', [/web info +GET \/shop\?item=7 200 6/, /web err .*No such file or directory/]);
