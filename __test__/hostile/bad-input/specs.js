'use strict';
// Random arguments as plain data that can be stored in a file: fast-check generates specs, Builder builds arguments.

const fc = require('fast-check');
const { hostile, values } = require('./values');

/** Values of 64 MiB are slow; attack.js uses them once for each class. */
const names = Object.keys(values).filter((name) => !name.endsWith('64 MiB'));
const numbers = [2, 3, 4, 107, 108, 109, 253, 254, 255, 1024, 4096, 65535, 65536, 2 ** 20, 2 ** 31 - 1, 1e-7];
const fragments = ['\0', 'x', 'é', '\ud800', '..', 'nobody', ' '];
/** Strings that are no paths outside of the current folder. */
const texts = fc.array(fc.constantFrom(...fragments), { maxLength: 120 }).map((parts) => parts.join(''));
/** What a getter does first: throw, close the object, call the method again, detach the memory of a view. */
const acts = ['throw', 'close', 'again', 'detach'];

const { value: spec } = fc.letrec((tie) => ({
  leaf: fc.oneof(
    { weight: 6, arbitrary: fc.record({ named: fc.constantFrom(...names) }) },
    {
      weight: 2,
      arbitrary: fc.record({ number: fc.oneof(fc.constantFrom(...numbers), fc.integer({ max: 2 ** 20 })) }),
    },
    { weight: 2, arbitrary: fc.record({ text: texts }) },
    { weight: 1, arbitrary: fc.record({ bytes: fc.nat(5000), lies: fc.option(fc.constantFrom(-1, 0, 8, 2 ** 32)) }) },
    { weight: 2, arbitrary: fc.record({ fn: fc.nat(2), throws: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constant({ good: true }) },
  ),
  acting: fc.record({ act: fc.constantFrom(...acts), gives: tie('leaf') }),
  inside: fc.oneof({ weight: 3, arbitrary: tie('leaf') }, { weight: 1, arbitrary: tie('acting') }),
  list: fc.record({ list: fc.array(tie('inside'), { maxLength: 6 }) }),
  /** Options: the property with index n, of those that the parameter has, gets the spec. */
  options: fc.record({
    options: fc.array(fc.tuple(fc.nat(9), fc.oneof(tie('inside'), tie('list'))), { maxLength: 4 }),
    prototype: fc.boolean(),
  }),
  value: fc.oneof(
    { weight: 5, arbitrary: tie('leaf') },
    { weight: 3, arbitrary: tie('options') },
    { weight: 1, arbitrary: tie('list') },
  ),
}));

/** A view whose getters return a false length. */
function lying(length, says) {
  class Lying extends Uint8Array {
    get byteLength() {
      return says;
    }
    get length() {
      return says;
    }
    get byteOffset() {
      return says;
    }
  }
  return new Lying(length);
}

class Builder {
  /** @param {Record<string, () => void>} does a function for each act except 'throw' */
  constructor(does) {
    this.does = { throw: hostile, ...does };
    this.views = [];
    this.callbacks = [];
    /** True if a value has side effects or lies, so that it cannot be checked before the call. */
    this.acting = false;
    this.does.detach = () => {
      for (const view of this.views.splice(0)) structuredClone(view.buffer, { transfer: [view.buffer] });
    };
  }

  build(spec, [kind, good]) {
    if (spec.named !== undefined) return values[spec.named]();
    if (spec.number !== undefined) return spec.number;
    if (spec.text !== undefined) return spec.text;
    if (spec.good) return good();
    if (spec.fn !== undefined) return this.callback(spec);
    if (spec.bytes !== undefined) {
      const says = spec.lies;
      const honest = says === null || says === undefined;
      const view = honest ? new Uint8Array(spec.bytes) : lying(spec.bytes, says);
      if (!honest) this.acting = true;
      this.views.push(view);
      return view;
    }
    if (spec.list) return this.list(spec.list, kind);
    return this.options(spec, kind);
  }

  callback({ fn, throws }) {
    const told = { count: 0 };
    this.callbacks.push(told);
    const body = () => {
      told.count++;
      if (throws) hostile();
    };
    return [() => body(), (_a) => body(), (_a, _b) => body()][fn];
  }

  list(specs, kind) {
    const list = [];
    for (const [at, each] of specs.entries()) this.define(list, at, each, [kind, () => 'x']);
    return list;
  }

  options({ options, prototype }, kind) {
    const schema = Object.entries(kind.schema || {});
    const made = {};
    for (const [n, each] of options) {
      if (schema.length === 0) break;
      const [name, ofName] = schema[n % schema.length];
      this.define(made, name, each, [ofName, () => undefined]);
    }
    return prototype ? Object.create(made) : made;
  }

  define(target, name, spec, place) {
    if (!spec.act) {
      Object.defineProperty(target, name, { value: this.build(spec, place), enumerable: true, configurable: true });
      return;
    }
    this.acting = true;
    const value = this.build(spec.gives, place);
    const get = () => {
      this.does[spec.act]();
      return value;
    };
    Object.defineProperty(target, name, { get, enumerable: true, configurable: true });
  }
}

module.exports = { Builder, spec };
