'use strict';

const path = require('path');

/** The top folder of the repository. */
module.exports = path.join(__dirname, '..', '..');
