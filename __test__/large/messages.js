'use strict';
// Messages that tell their number, their size and whether they are whole: of sizes on both sides of those from which on
// messages have a Buffer of their own (2 KiB) and are received straight into it (32 KiB).

const SIZES = [0, 8, 100, 2048, 2049, 20000, 32767, 32768, 33000, 60000, 100000, 200000];
const HEADER = 8;
const PRIME = 251;
const pattern = Buffer.from(Uint8Array.from({ length: PRIME + SIZES[SIZES.length - 1] }, (_, i) => (i * i) % PRIME));

const body = (number, size) => pattern.subarray(number % PRIME, (number % PRIME) + size);

/** An empty one has no number. */
function make(number, size) {
  const message = Buffer.from(body(number, size));
  if (size >= HEADER) {
    message.writeUInt32LE(number, 0);
    message.writeUInt32LE(size, 4);
  }
  return message;
}

/** The number of a message as it was received, -1 of an empty one; throws where it is not what was sent. */
function check(data, info, limit = 262144) {
  const size = data.length === 0 ? 0 : data.readUInt32LE(4);
  const got = [info.size, info.truncated, data.length];
  const expected = [size, size > limit, Math.min(size, limit)];
  if (String(got) !== String(expected)) throw new Error(`size, truncated, length: ${got} instead of ${expected}`);
  if (size === 0) return -1;
  const number = data.readUInt32LE(0);
  if (!data.subarray(HEADER).equals(body(number, data.length).subarray(HEADER)))
    throw new Error(`${number} is damaged`);
  return number;
}

/** `count` sizes, the same for the same seed; two of the same kind in a row as often as not. */
function sizes(count, seed) {
  let state = seed + 1;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return SIZES[(state >>> 16) % SIZES.length];
  });
}

module.exports = { check, make, sizes };
