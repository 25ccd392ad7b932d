'use strict';
// Names the platform in the form the binaries use. No dependencies: scripts/build.js needs it before anything is built.

const fs = require('fs');

const ELF_CLASS_64 = 2;
const PT_INTERP = 3;

/**
 * The dynamic loader this executable asks for: exact, and some thirty times cheaper than process.report.
 * @returns {string} '' where there is none (static, or started through the loader itself)
 */
function elfInterpreter() {
  const fd = fs.openSync(process.execPath, 'r');
  try {
    const head = Buffer.alloc(64);
    fs.readSync(fd, head, 0, 64, 0);
    if (head.readUInt32BE(0) !== 0x7f454c46) return '';
    const wide = head[4] === ELF_CLASS_64;
    const size = head.readUInt16LE(wide ? 54 : 42);
    const count = head.readUInt16LE(wide ? 56 : 44);
    const table = Buffer.alloc(size * count);
    fs.readSync(fd, table, 0, table.length, head.readUInt32LE(wide ? 32 : 28));
    for (let at = 0; at < table.length; at += size) {
      if (table.readUInt32LE(at) !== PT_INTERP) continue;
      const name = Buffer.alloc(table.readUInt32LE(at + (wide ? 32 : 16)));
      fs.readSync(fd, name, 0, name.length, table.readUInt32LE(at + (wide ? 8 : 4)));
      return name.toString('latin1');
    }
    return '';
  } finally {
    fs.closeSync(fd);
  }
}

/** @returns {boolean} whether this process runs on musl's C library rather than glibc's */
function isMusl() {
  try {
    const interpreter = elfInterpreter();
    if (interpreter) return interpreter.includes('musl');
  } catch (_err) {
    // The executable cannot be read: permission model, or replaced by an upgrade.
  }
  const report = /** @type {any} */ (process.report);
  if (!report) return false;
  report.excludeNetwork = true;
  const text = report.getReport();
  return !(typeof text === 'string' ? JSON.parse(text) : text).header.glibcVersionRuntime;
}

/** @returns {string} the C library, '' where the platform has only one */
function libc() {
  if (process.platform !== 'linux') return '';
  const musl = isMusl();
  if (process.arch === 'arm') return musl ? 'musleabihf' : 'gnueabihf';
  return musl ? 'musl' : 'gnu';
}

/** @returns {string} for example linux-x64-gnu or darwin-arm64 */
function triple() {
  return [process.platform, process.arch, libc()].filter(Boolean).join('-');
}

/** Why the binary must not be loaded here, or null. @returns {{ code: string, message: string } | null} */
function unsupported() {
  const versions = /** @type {{ [name: string]: string | undefined }} */ (process.versions);
  const runtime = versions.bun ? `Bun ${versions.bun}` : versions.deno ? `Deno ${versions.deno}` : '';
  if (runtime) {
    const message = `node-unix-socket needs Node.js: ${runtime} does not have the libuv interface it is built on`;
    return { code: 'ERR_UNSUPPORTED_RUNTIME', message };
  }
  if (parseInt(process.versions.node, 10) < 12) {
    const message = `node-unix-socket needs Node.js 12 or later, this is ${process.versions.node}`;
    return { code: 'ERR_UNSUPPORTED_RUNTIME', message };
  }
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    const message = `node-unix-socket runs on Linux and macOS, not on ${process.platform}`;
    return { code: 'ERR_UNSUPPORTED_PLATFORM', message };
  }
  return null;
}

module.exports = { triple, unsupported };
