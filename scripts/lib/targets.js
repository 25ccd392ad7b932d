'use strict';
// The platforms with a prebuilt binary: npm/<name>/ is the package, `triple` is the target of Rust.

const path = require('path');
const root = require('./root');

const targets = [
  { name: 'linux-x64-gnu', triple: 'x86_64-unknown-linux-gnu', glibc: '2.17' },
  { name: 'linux-x64-musl', triple: 'x86_64-unknown-linux-musl' },
  { name: 'linux-arm64-gnu', triple: 'aarch64-unknown-linux-gnu', glibc: '2.17' },
  { name: 'linux-arm64-musl', triple: 'aarch64-unknown-linux-musl' },
  { name: 'linux-arm-gnueabihf', triple: 'armv7-unknown-linux-gnueabihf', glibc: '2.17' },
  { name: 'darwin-x64', triple: 'x86_64-apple-darwin', macos: '11.0' },
  { name: 'darwin-arm64', triple: 'aarch64-apple-darwin', macos: '11.0' },
].map((target) => ({
  ...target,
  folder: path.join(root, 'npm', target.name),
  file: path.join(root, 'npm', target.name, `node-unix-socket.${target.name}.node`),
}));

module.exports = { targets };
