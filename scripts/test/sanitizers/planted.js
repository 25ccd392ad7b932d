'use strict';
// node planted.js BINARY FAULT: commits a fault of src/planted.rs.

const [, , binary, fault] = process.argv;
require(binary).planted(fault);
