'use strict';
/** Calls `hear` with each complete line of a text stream. */
module.exports = (stream, hear) => {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) hear(line);
  });
};
