'use strict';
// The name of the platform as the binaries use it, and whether the library can work there. scripts/build.js uses this
// file before anything is built.

const fs = require('fs');

const ELF_CLASS_64 = 2;
const BIG_ENDIAN = 2;
const PT_INTERP = 3;
const SHT_NULL = 0;
/** Values of process.arch by the machine number of ELF files. @type {{ [machine: number]: string }} */
const MACHINES = { 3: 'ia32', 20: 'ppc', 21: 'ppc64', 22: 's390x', 40: 'arm', 62: 'x64', 183: 'arm64', 243: 'riscv64' };

/** Returns the header of an ELF file, or null if it is not one. @param {number} fd */
function elfHead(fd) {
  const head = Buffer.alloc(64);
  fs.readSync(fd, head, 0, 64, 0);
  return head.readUInt32BE(0) === 0x7f454c46 ? head : null;
}

/**
 * The dynamic loader that the executable of this process asks for: as exact as process.report, and thirty times faster.
 * @returns {string} '' if there is none, because it is linked statically or was started through the loader itself
 */
function elfInterpreter() {
  const fd = fs.openSync(process.execPath, 'r');
  try {
    const head = elfHead(fd);
    if (head === null) return '';
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

/**
 * Describes what is wrong with a binary. For another processor, dlopen reports that the file does not exist. A truncated
 * file, or one that ends in zeros after a full disk, would crash the process: the section table at its end shows that.
 * @param {string} file
 * @returns {string} '' if no fault is found
 */
function binaryFault(file) {
  if (process.platform !== 'linux') return '';
  const fd = fs.openSync(file, 'r');
  try {
    const head = elfHead(fd);
    if (head === null) return `is no binary for Linux (${fs.fstatSync(fd).size} bytes)`;
    const machine = MACHINES[head[5] === BIG_ENDIAN ? head[19] : head[18]];
    if (machine && machine !== process.arch) return `is for ${machine}, this is ${process.arch}`;
    const wide = head[4] === ELF_CLASS_64;
    const size = head.readUInt16LE(wide ? 58 : 46);
    const end = head.readUInt32LE(wide ? 40 : 32) + size * head.readUInt16LE(wide ? 60 : 48);
    const last = Buffer.alloc(size);
    if (fs.readSync(fd, last, 0, size, end - size) < size)
      return `is cut off: ${fs.fstatSync(fd).size} bytes of ${end}`;
    return size > 0 && last.readUInt32LE(4) === SHT_NULL ? 'is damaged: its end is missing' : '';
  } finally {
    fs.closeSync(fd);
  }
}

/** @returns {boolean} whether the C library of this process is musl and not glibc */
function isMusl() {
  try {
    const interpreter = elfInterpreter();
    if (interpreter) return interpreter.includes('musl');
  } catch (_err) {
    // The executable cannot be read: the permission model forbids it, or an upgrade has replaced it.
  }
  const report = /** @type {any} */ (process.report);
  if (!report) return false;
  report.excludeNetwork = true;
  const text = report.getReport();
  return !(typeof text === 'string' ? JSON.parse(text) : text).header.glibcVersionRuntime;
}

/** @returns {string} the C library, or '' if the platform has only one */
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

/**
 * Returns why sockets cannot work here, or null. `loopless`: functions that need no event loop may work.
 * @returns {{ code: string, message: string, loopless: boolean } | null}
 */
function unsupported() {
  const versions = /** @type {{ [name: string]: string | undefined }} */ (process.versions);
  const runtime = versions.bun ? `Bun ${versions.bun}` : versions.deno ? `Deno ${versions.deno}` : '';
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    const message = `node-unix-socket runs on Linux and macOS, not on ${process.platform}`;
    return { code: 'ERR_UNSUPPORTED_PLATFORM', message, loopless: false };
  }
  if (runtime) {
    const message = `node-unix-socket needs Node.js: ${runtime} does not have the libuv interface it is built on`;
    return { code: 'ERR_UNSUPPORTED_RUNTIME', message, loopless: true };
  }
  if (parseInt(process.versions.node, 10) < 12) {
    const message = `node-unix-socket needs Node.js 12 or later, this is ${process.versions.node}`;
    return { code: 'ERR_UNSUPPORTED_RUNTIME', message, loopless: false };
  }
  return null;
}

module.exports = { binaryFault, triple, unsupported };
