'use strict';
// Unknown names of options. As in Node.js they are ignored, except those that are most likely a mistake.

const { invalidValue } = require('./errors');

/** Other words for options, in lower case, and the options that may be meant. @type {Map<string, string[]>} */
const SYNONYMS = new Map([
  ['abortsignal', ['signal']],
  ['credentials', ['receiveCredentials']],
  ['descriptor', ['fd']],
  ['descriptors', ['fds']],
  ['fd', ['fds']],
  ['fds', ['fd', 'receiveFds']],
  ['highwatermark', ['writableHighWaterMark']],
  ['permissions', ['mode']],
  ['unlink', ['unlinkStale', 'unlinkOnClose']],
]);
/** In shorter names one more or one fewer letter often makes another word. */
const MIN_LENGTH = 4;
/** In shorter names another letter often makes another word: node for mode. */
const MIN_LENGTH_OTHER_LETTER = 5;

/** @param {string} name */
function plain(name) {
  return name.toLowerCase().replace(/[_-]/g, '');
}

/** Whether the two differ by one letter that is missing or another, or by two that are swapped. @type {(a: string, b: string) => boolean} */
function oneTypoApart(a, b) {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [x, y] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (x.length === 2 && y.length === 2) return x[0] === y[1] && x[1] === y[0];
  if (x.length === 1 && y.length === 1) return shorter >= MIN_LENGTH_OTHER_LETTER;
  return x.length <= 1 && y.length <= 1;
}

/** @type {(name: string, known: string) => boolean} */
function isMisspelling(name, known) {
  const [a, b] = [plain(name), plain(known)];
  return a === b || (Math.min(a.length, b.length) >= MIN_LENGTH && oneTypoApart(a, b));
}

/** The known names that `name` may stand for. @type {(name: string, known: string[]) => string[]} */
function meant(name, known) {
  const synonyms = SYNONYMS.get(plain(name)) || [];
  return known.filter((each) => synonyms.includes(each) || isMisspelling(name, each));
}

/**
 * Throws if an own, enumerable property of `options` is unknown and looks like a mistake: a misspelling of a known name,
 * another word for one, or an option of another call, which `calls` names.
 * @type {(options: any, known: string[], name: string, call: string | undefined, calls: (key: string) => string[]) => void}
 */
function refuseMistakes(options, known, name, call, calls) {
  for (const key of Object.keys(options)) {
    if (known.includes(key) || options[key] === undefined || options[key] === null) continue;
    const names = meant(key, known).map((each) => `"${each}"`);
    if (names.length > 0) throw invalidValue(`${name}.${key}`, `is unknown. Did you mean ${names.join(' or ')}?`, call);
    const others = calls(key);
    if (others.length > 0)
      throw invalidValue(`${name}.${key}`, `is unknown. It is an option of ${others.join(' and ')}`, call);
  }
}

module.exports = { refuseMistakes };
