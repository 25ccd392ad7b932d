'use strict';

/** Files whose descriptors can be passed. */
const fs = require('node:fs');
const { sockPath } = require('.');

/** The path of a new file with this content. */
function fileWith(t, text) {
  const path = sockPath(t, 'file');
  fs.writeFileSync(path, text);
  return path;
}

/** The descriptor of a new file with this content, closed after the test. */
function openFile(t, content = 'content') {
  const fd = fs.openSync(fileWith(t, content), 'r');
  t.after(() => {
    if (isOpen(fd)) fs.closeSync(fd);
  });
  return fd;
}

function isOpen(fd) {
  try {
    return Boolean(fs.fstatSync(fd));
  } catch {
    return false;
  }
}

/** Reads the content of a file and closes the descriptor. */
function contentOf(fd) {
  const buffer = Buffer.alloc(100);
  const length = fs.readSync(fd, buffer, 0, 100, 0);
  fs.closeSync(fd);
  return buffer.toString('utf8', 0, length);
}

module.exports = { contentOf, fileWith, isOpen, openFile };
