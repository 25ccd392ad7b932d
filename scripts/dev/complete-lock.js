'use strict';
// npm run lock, to be run after every change of dependencies. If a registry mirror lacks the packages of other platforms,
// npm leaves them out of package-lock.json (npm/cli#4828), and `npm ci` fails on other machines. This script adds them
// with name, version and platform. npm adds their hashes when it finds the packages.

const fs = require('fs');
const path = require('path');
const root = require('../lib/root');

const file = path.join(root, 'package-lock.json');
const OS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'win32'];
const CPU = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/** The platform of a package, derived from its name. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = words.filter((word) => OS.includes(word));
  const cpu = words.filter((word) => CPU.includes(word));
  const libc = words.includes('musl') ? ['musl'] : words.some((word) => word.startsWith('gnu')) ? ['glibc'] : undefined;
  return os.length === 1 && cpu.length === 1 ? { cpu, libc, os } : null;
}

function missingIn(packages) {
  const missing = {};
  for (const [where, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const entry = `node_modules/${name}`;
      if (packages[entry] || packages[`${where}/${entry}`]) continue;
      const platform = platformOf(name);
      if (!platform || !/^\d+\.\d+\.\d+$/.test(version)) {
        throw new Error(`${where || 'package.json'}: cannot complete ${name}@${version}`);
      }
      missing[entry] = { version, cpu: platform.cpu, dev, libc: platform.libc, optional: true, os: platform.os }; // as npm orders them
    }
  }
  return missing;
}

const lock = JSON.parse(fs.readFileSync(file, 'utf8'));
const missing = missingIn(lock.packages);
const sorted = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en'));
fs.writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
console.log(`package-lock.json: ${Object.keys(missing).length} packages of other platforms added`);
