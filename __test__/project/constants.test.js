'use strict';
// js/constants.js and the binary have the same numbers.

const test = require('node:test');
const assert = require('node:assert');
const constants = require('../../js/constants');
const { constants: ofBinary } = require('../../js/binding');

/** Numbers that only JavaScript uses. */
const onlyJs = ['LINUX', 'MAX_INT', 'MAX_PARTS', 'MAX_READ_SIZE'];

test('js/constants.js and the binary have the same constants', () => {
  const ofJs = {};
  for (const [name, value] of Object.entries(constants)) {
    if (onlyJs.includes(name)) continue;
    const numbers = typeof value === 'object' ? value : { [name]: value };
    for (const key of Object.keys(numbers)) assert.ok(!(key in ofJs), `${key} is there twice`);
    Object.assign(ofJs, numbers);
  }
  assert.deepStrictEqual(ofJs, { ...ofBinary() });
});
