'use strict';
// index.d.ts and types/ against the package: each declared member exists, and each member is declared.

const assert = require('node:assert');
const { EventEmitter } = require('node:events');
const path = require('node:path');
const { describe, test } = require('node:test');
const ts = require('typescript');
const { deadline } = require('../helpers');
const root = require('../../scripts/lib/root');

const declarations = {
  '.': 'index.d.ts',
  './js/dgram': 'types/dgram.d.ts',
  './js/seqpacket': 'types/seqpacket.d.ts',
  './js/socket': 'types/socket.d.ts',
};
const program = ts.createProgram(
  Object.values(declarations).map((file) => path.join(root, file)),
  { target: ts.ScriptTarget.ES2022, types: ['node'], typeRoots: [path.join(root, 'node_modules', '@types')] },
);
const checker = program.getTypeChecker();

/** Name -> symbol of each value that a declaration file exports. */
function declaredValues(file) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(path.join(root, file)));
  const values = new Map();
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (symbol.flags & ts.SymbolFlags.Value) values.set(exported.name, symbol);
  }
  return values;
}

/** Keys of the members of a class that this package declares, without those of EventEmitter. */
function declaredMembers(type) {
  const members = new Map();
  for (const symbol of checker.getPropertiesOfType(type)) {
    if (!symbol.declarations) continue; // `prototype` of a class
    const [declaration] = symbol.declarations;
    if (declaration.getSourceFile().fileName.includes('node_modules')) continue;
    const wellKnown = /^__@(\w+)@/.exec(symbol.escapedName);
    const method = Boolean(symbol.flags & ts.SymbolFlags.Method);
    const modifiers = ts.getCombinedModifierFlags(declaration);
    const kind = method ? 'method' : modifiers & ts.ModifierFlags.Readonly ? 'readonly' : 'property';
    members.set(wellKnown ? Symbol[wellKnown[1]] : symbol.name, kind);
  }
  return members;
}

/** Keys of an object and of its prototypes up to EventEmitter, with their property descriptors. */
function runtimeMembers(instance) {
  const members = new Map();
  const plain = new EventEmitter();
  for (let at = instance; at !== EventEmitter.prototype; at = Object.getPrototypeOf(at)) {
    for (const key of Reflect.ownKeys(at)) {
      if (key === 'constructor' || Object.hasOwn(plain, key) || members.has(key)) continue;
      members.set(key, Object.getOwnPropertyDescriptor(at, key));
    }
  }
  return members;
}

const strings = (map) => [...map.keys()].filter((key) => typeof key === 'string').sort();

for (const [name, file] of Object.entries(declarations)) {
  test(`${file} declares exactly the exports of ${name}`, { timeout: deadline }, () => {
    assert.deepEqual(Object.keys(require(path.join(root, name))).sort(), [...declaredValues(file).keys()].sort());
  });
}

for (const [name, symbol] of declaredValues('index.d.ts')) {
  const Class = require('../..')[name];
  if (!(symbol.flags & ts.SymbolFlags.Class)) {
    test(`${name} is a function`, { timeout: deadline }, () => assert.equal(typeof Class, 'function'));
    continue;
  }

  describe(name, { timeout: deadline }, () => {
    const declared = declaredMembers(checker.getDeclaredTypeOfSymbol(symbol));
    const instance = new Class();
    instance.close();
    const actual = runtimeMembers(instance);

    test('is an EventEmitter', () => assert.ok(instance instanceof EventEmitter));

    test('has every declared member, as a method or a property as declared', () => {
      const inherited = (key) => Object.getOwnPropertyDescriptor(EventEmitter.prototype, key);
      for (const [key, kind] of declared) {
        const property = actual.get(key) || inherited(key);
        assert.ok(property, `${String(key)} is declared and does not exist`);
        assert.equal(typeof property.value === 'function', kind === 'method', `${String(key)}: ${kind}`);
        if (kind === 'readonly') assert.ok(!property.set && !property.writable, `${key} can be assigned to`);
      }
    });

    test('has no undeclared member', () => {
      assert.deepEqual(
        strings(actual).filter((key) => !declared.has(key)),
        [],
      );
    });

    test('has no undeclared static member', () => {
      const statics = declaredMembers(checker.getTypeOfSymbolAtLocation(symbol, symbol.valueDeclaration));
      const own = Object.getOwnPropertyNames(Class).filter((key) => !['length', 'name', 'prototype'].includes(key));
      assert.deepEqual(own.sort(), strings(statics));
    });
  });
}
