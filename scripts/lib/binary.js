'use strict';
// Reads the headers of a native library: ELF or Mach-O, CPU, the minimum version of the C library or system.

const fs = require('fs');

const ELF_CPU = { 3: 'ia32', 40: 'arm', 62: 'x64', 183: 'arm64' };
const MACHO_CPU = { 16777223: 'x64', 16777228: 'arm64' };
const SHT_SYMTAB = 2;
const LC_BUILD_VERSION = 0x32;
const LC_VERSION_MIN_MACOSX = 0x24;

/** Compares versions. @param {string} a @param {string} b */
function byNumbers(a, b) {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  return x[0] - y[0] || x[1] - y[1];
}

function elf(bytes) {
  const wide = bytes[4] === 2;
  const at = wide ? Number(bytes.readBigUInt64LE(40)) : bytes.readUInt32LE(32);
  const size = bytes.readUInt16LE(wide ? 58 : 46);
  const count = bytes.readUInt16LE(wide ? 60 : 48);
  const types = Array.from({ length: count }, (_, i) => bytes.readUInt32LE(at + i * size + 4));
  // The file contains only version names that a symbol needs.
  const versions = bytes.toString('latin1').match(/\bGLIBC_\d+\.\d+/g) || [];
  const newest = versions
    .map((name) => name.slice(6))
    .sort(byNumbers)
    .pop();
  return {
    platform: 'linux',
    cpu: ELF_CPU[bytes.readUInt16LE(18)],
    libc: newest ? 'glibc' : 'musl',
    floor: newest || '',
    stripped: !types.includes(SHT_SYMTAB),
  };
}

function machO(bytes) {
  let floor = '';
  let at = 32;
  for (let left = bytes.readUInt32LE(16); left > 0; left--) {
    const command = bytes.readUInt32LE(at);
    const version = { [LC_BUILD_VERSION]: 12, [LC_VERSION_MIN_MACOSX]: 8 }[command];
    if (version) floor = `${bytes.readUInt16LE(at + version + 2)}.${bytes[at + version + 1]}`;
    at += bytes.readUInt32LE(at + 4);
  }
  return { platform: 'darwin', cpu: MACHO_CPU[bytes.readUInt32LE(4)], libc: '', floor, stripped: true };
}

/** @param {string} file */
function describe(file) {
  const bytes = fs.readFileSync(file);
  const magic = bytes.readUInt32BE(0);
  const found = magic === 0x7f454c46 ? elf(bytes) : magic === 0xcffaedfe ? machO(bytes) : null;
  if (!found) throw new Error(`${file}: neither ELF nor Mach-O`);
  return { ...found, size: bytes.length };
}

module.exports = { byNumbers, describe };
