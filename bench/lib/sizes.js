'use strict';
const KIB = 1024;

/** For example 65536 -> '64 KiB'. */
const sizeLabel = (bytes) => (bytes < KIB ? `${bytes} B` : `${bytes / KIB} KiB`);

module.exports = { KIB, sizeLabel };
