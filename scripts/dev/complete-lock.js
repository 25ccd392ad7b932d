'use strict';
// npm run lock, after any change of dependencies. Behind a mirror that lacks the packages of other platforms (and with
// npm/cli#4828), npm leaves them out of package-lock.json, and then `npm ci` fails everywhere. This adds what is missing,
// by name, version and platform; the hashes follow when npm next sees the packages themselves.

const fs = require('fs');
const path = require('path');
const root = require('../lib/root');

const file = path.join(root, 'package-lock.json');
const OS = ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'win32'];
const CPU = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/** The platform a package is for, as its name says it. */
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
      missing[entry] = { version, cpu: platform.cpu, dev, libc: platform.libc, optional: true, os: platform.os }; // npm's order
    }
  }
  return missing;
}

const lock = JSON.parse(fs.readFileSync(file, 'utf8'));
const missing = missingIn(lock.packages);
const sorted = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en'));
fs.writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
console.log(`package-lock.json: ${Object.keys(missing).length} packages of other platforms added`);
