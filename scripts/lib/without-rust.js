'use strict';

const fs = require('fs');
const path = require('path');

/** PATH without folders that contain cargo or rustc. */
exports.withoutRust = process.env.PATH.split(path.delimiter)
  .filter((folder) => !['cargo', 'rustc'].some((name) => fs.existsSync(path.join(folder, name))))
  .join(path.delimiter);
