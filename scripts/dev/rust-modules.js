'use strict';

const fs = require('fs');
const path = require('path');

/** The source files of a crate: path from the folder, without .rs ('a/b') -> text without comments and unit tests. */
function sourcesOf(folder, prefix = '') {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap(({ name }) => {
    const file = path.join(folder, name);
    if (fs.statSync(file).isDirectory()) return sourcesOf(file, `${prefix}${name}/`);
    return name.endsWith('.rs') ? [[prefix + path.basename(name, '.rs'), stripped(fs.readFileSync(file, 'utf8'))]] : [];
  });
}

/** Unit tests stand at the end of a file and may use any module. */
function stripped(source) {
  return source.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '').split(/#\[cfg\(test\)\]\s*mod /)[0];
}

/** The modules of a crate, 'a::b' -> source; the root is ''. The files of a `mod` with several `path`s are joined. */
function modulesOf(folder) {
  const sources = new Map(sourcesOf(folder));
  const nameOf = (file) => file.replace(/(^|\/)(lib|mod)$/, '').replace(/\//g, '::');
  const renamed = new Map();
  for (const [file, source] of sources) {
    for (const [, attributes, name] of source.matchAll(/((?:#\[[^\]]*\]\s*)+)(?:pub(?:\(\w+\))?\s+)?mod\s+(\w+);/g)) {
      for (const [, other] of attributes.matchAll(/\bpath\s*=\s*"(.*?)\.rs"/g)) {
        renamed.set(path.posix.join(path.posix.dirname(file), other), join(nameOf(file), name));
      }
    }
  }
  const modules = new Map();
  for (const [file, source] of sources) {
    const name = renamed.get(file) || nameOf(file);
    modules.set(name, `${modules.get(name) || ''}${source}`);
  }
  return modules;
}

const join = (...names) => names.filter((name) => name !== '').join('::');

/** The paths of a use tree: 'a::{self, b::c}' gives 'a' and 'a::b::c'. */
function expand(tree) {
  const open = tree.indexOf('{');
  if (open < 0) return [tree.replace(/\s+as\s+\w+/, '').trim()];
  const inner = tree.slice(open + 1, tree.lastIndexOf('}'));
  return splitList(inner).flatMap((item) => expand(`${tree.slice(0, open)}${item.trim()}`));
}

/** Splits at the commas that are outside of braces. */
function splitList(text) {
  const items = [''];
  let depth = 0;
  for (const char of text) {
    depth += (char === '{') - (char === '}');
    if (char === ',' && depth === 0) items.push('');
    else items[items.length - 1] += char;
  }
  return items.filter((item) => item.trim() !== '');
}

/** Resolves a path in module `name` to one from the crate root. Null if it refers to another crate. */
function absolute(name, path, modules) {
  const own = name.split('::').filter((part) => part !== '');
  const [first, ...rest] = path.split('::').filter((part) => part !== '');
  if (first === 'crate') return rest;
  if (first === 'self') return [...own, ...rest];
  if (first === 'super') return absolute(own.slice(0, -1).join('::'), ['self', ...rest].join('::'), modules);
  return modules.has(join(name, first)) ? [...own, first, ...rest] : null;
}

/** The names of the modules that module `name` uses. A `mod` declaration does not count. */
function usesOf(name, modules) {
  const source = modules.get(name);
  const paths = [...source.matchAll(/\buse\s+([^;]+);/g)].flatMap(([, tree]) => expand(tree));
  for (const [path] of source.matchAll(/(?<![\w:$])\w+(?:::\w+)+/g)) paths.push(path);
  const uses = new Set();
  for (const path of paths) {
    const parts = absolute(name, path, modules);
    if (parts === null) continue;
    while (parts.length > 0 && !modules.has(parts.join('::'))) parts.pop();
    uses.add(parts.join('::'));
  }
  uses.delete(name);
  return uses;
}

/** The shortest circle through a module, null if there is none. */
function circleOf(start, graph) {
  const ways = [[start]];
  const seen = new Set();
  for (const way of ways) {
    for (const next of graph.get(way[way.length - 1]) || []) {
      if (next === start) return way;
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return null;
}

/** The circles between the modules of a crate. Each is a list of names that ends with its first one. */
function circles(folder) {
  const modules = modulesOf(folder);
  const graph = new Map([...modules.keys()].map((name) => [name, usesOf(name, modules)]));
  const found = new Map();
  for (const name of graph.keys()) {
    const circle = circleOf(name, graph);
    if (circle) found.set([...circle].sort().join(), found.get([...circle].sort().join()) || circle);
  }
  return [...found.values()].map((circle) => [...circle, circle[0]].map((name) => name || 'lib.rs'));
}

module.exports = { circles };
