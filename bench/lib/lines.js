'use strict';
/** Calls `hear` with each whole line of a stream of text. */
module.exports = (stream, hear) => {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) hear(line);
  });
};
