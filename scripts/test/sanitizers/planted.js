'use strict';
// node planted.js BINARY FAULT: calls a planted fault of src/planted.rs.

const [, , binary, fault] = process.argv;
require(binary).planted(fault);
