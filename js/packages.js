// @ts-nocheck: at most one of the packages is installed.
'use strict';
// The optional packages with the binaries. Each name is written out inside a try block, so that bundlers find the names,
// include the package that is installed, and ignore the others.

/**
 * @param {string} name of the platform
 * @param {'version' | 'file' | 'binary'} what is wanted of its package
 */
function platformPackage(name, what) {
  try {
    switch (name) {
      case 'darwin-arm64':
        if (what === 'version') return require('node-unix-socket-darwin-arm64/package.json').version;
        if (what === 'file') return require.resolve('node-unix-socket-darwin-arm64');
        return require('node-unix-socket-darwin-arm64');
      case 'darwin-x64':
        if (what === 'version') return require('node-unix-socket-darwin-x64/package.json').version;
        if (what === 'file') return require.resolve('node-unix-socket-darwin-x64');
        return require('node-unix-socket-darwin-x64');
      case 'linux-arm-gnueabihf':
        if (what === 'version') return require('node-unix-socket-linux-arm-gnueabihf/package.json').version;
        if (what === 'file') return require.resolve('node-unix-socket-linux-arm-gnueabihf');
        return require('node-unix-socket-linux-arm-gnueabihf');
      case 'linux-arm64-gnu':
        if (what === 'version') return require('node-unix-socket-linux-arm64-gnu/package.json').version;
        if (what === 'file') return require.resolve('node-unix-socket-linux-arm64-gnu');
        return require('node-unix-socket-linux-arm64-gnu');
      case 'linux-arm64-musl':
        if (what === 'version') return require('node-unix-socket-linux-arm64-musl/package.json').version;
        if (what === 'file') return require.resolve('node-unix-socket-linux-arm64-musl');
        return require('node-unix-socket-linux-arm64-musl');
      case 'linux-x64-gnu':
        if (what === 'version') return require('node-unix-socket-linux-x64-gnu/package.json').version;
        if (what === 'file') return require.resolve('node-unix-socket-linux-x64-gnu');
        return require('node-unix-socket-linux-x64-gnu');
      case 'linux-x64-musl':
        if (what === 'version') return require('node-unix-socket-linux-x64-musl/package.json').version;
        if (what === 'file') return require.resolve('node-unix-socket-linux-x64-musl');
        return require('node-unix-socket-linux-x64-musl');
      default:
        throw new Error('there is no such package');
    }
  } catch (err) {
    throw new Error(String((err && err.message) || err).split('\n')[0]); // without the require stack
  }
}

module.exports = { platformPackage };
