'use strict';
// Binaries that cannot be loaded, in the package and in the optional package: an error with the place and the reason,
// never a crash.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { triple } = require('../../js/platform');
const { version } = require('../../package.json');
const { deadline } = require('../helpers');
const { WORKS, binary, built, install, installOptional, load, optionalName } = require('../helpers/installed');

const whole = fs.readFileSync(built);
const linux = process.platform === 'linux';

/** The binary with some bytes changed. */
function changed(change) {
  const bytes = Buffer.from(whole);
  change(bytes);
  return bytes;
}

const E_MACHINE = 18;
const [otherMachine, otherName] = process.arch === 'arm64' ? [62, 'x64'] : [183, 'arm64'];

/** Content of the file -> the reason in the error on Linux. On other systems it is the message of dlopen(3). */
const damages = {
  'an empty file': [Buffer.alloc(0), /is no binary for Linux \(0 bytes\)/],
  'a text file': ['no library', /is no binary for Linux \(10 bytes\)|is cut off/],
  'an HTML page': [`<html>${'x'.repeat(5000)}</html>`, /is no binary for Linux \(5013 bytes\)/],
  'filled with zeros': [Buffer.alloc(whole.length), /is no binary for Linux/],
  'a binary for macOS': [Buffer.concat([Buffer.from('cffaedfe', 'hex'), whole.slice(4)]), /is no binary for Linux/],
  'the first page only': [whole.slice(0, 4096), /is cut off: 4096 bytes of \d+/],
  'the first half only': [whole.slice(0, whole.length / 2), /is cut off: \d+ bytes of \d+/],
  'without the last page': [whole.slice(0, -4096), /is cut off: \d+ bytes of \d+/],
  'filled with zeros in the second half': [changed((bytes) => bytes.fill(0, bytes.length / 2)), /is damaged/],
};
if (linux) {
  damages['for another processor'] = [
    changed((bytes) => bytes.writeUInt16LE(otherMachine, E_MACHINE)),
    new RegExp(`is for ${otherName}, this is ${process.arch}`),
  ];
}

/** Checks that the error has the reason, both places, the platform and the command that builds a binary. */
function assertExplained(failure, line, reason) {
  assert.equal(failure.code, 'ERR_NATIVE_BINDING_NOT_FOUND');
  const said = failure.message.split('\n').find((one) => one.includes(`- ${line}: `));
  assert.ok(said, failure.message);
  if (linux) assert.match(said, reason);
  for (const part of [triple(), `./${binary}: `, `${optionalName}: `, path.join('scripts', 'build.js')])
    assert.ok(failure.message.includes(part), `${part} in ${failure.message}`);
}

for (const [what, [bytes, reason]] of Object.entries(damages)) {
  test(`a binary in the package that is ${what}: the error has the reason, the optional package is used`, {
    timeout: deadline,
  }, async (t) => {
    const folder = install(t);
    fs.writeFileSync(path.join(folder, binary), bytes);
    assertExplained((await load(t, folder)).require, `./${binary}`, reason);
    installOptional(folder, version, built);
    assert.deepEqual(await load(t, folder), WORKS, 'the optional package is used');
  });

  test(`a binary in the optional package that is ${what}: the error has the reason`, {
    timeout: deadline,
  }, async (t) => {
    const folder = install(t);
    fs.writeFileSync(installOptional(folder, version), bytes);
    assertExplained((await load(t, folder)).require, optionalName, reason);
  });
}

test('the optional package without its binary: the error names it', { timeout: deadline }, async (t) => {
  const folder = install(t);
  installOptional(folder, version);
  assertExplained((await load(t, folder)).require, optionalName, /Cannot find module/);
});
