'use strict';
// What postMessage() and structuredClone() must not take. The functions of worker_threads are loaded with the first socket,
// because loading them would be a fifth of the time of require().

const ignore = () => {};
/** @type {(object: object) => void} */
let markAsUncloneable = ignore;
/** @type {(object: object) => void} */
let markAsUntransferable = ignore;

/** To be called before there is a socket, because loading may fail. */
function load() {
  // markAsUntransferable came with Node.js 14.5, markAsUncloneable with 22.10.
  const threads = /** @type {any} */ (require('worker_threads'));
  markAsUncloneable = threads.markAsUncloneable || ignore;
  markAsUntransferable = threads.markAsUntransferable || ignore;
}

/** Makes cloning throw: a clone would be an object without a socket. @param {object} object */
function refuseClone(object) {
  markAsUncloneable(object);
}

/** Makes transferring throw: others use the same memory. @param {ArrayBuffer} memory */
function refuseTransfer(memory) {
  markAsUntransferable(memory);
}

module.exports = { load, refuseClone, refuseTransfer };
