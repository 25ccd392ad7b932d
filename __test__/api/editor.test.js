'use strict';
// What an editor shows of index.d.ts: completion of event names and options, and the documentation of parameters.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const ts = require('typescript');
const { deadline } = require('../helpers');
const root = require('../../scripts/lib/root');

const options = { timeout: deadline };
const FILE = path.join(root, '__test__', 'types', 'edited.ts'); // exists in memory only

const compilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  strict: true,
  types: ['node'],
  typeRoots: [path.join(root, 'node_modules', '@types')],
};

/** The language service of a project whose only file has this text. */
function editor(text) {
  const read = (name) => (name === FILE ? text : fs.existsSync(name) ? fs.readFileSync(name, 'utf8') : undefined);
  return ts.createLanguageService({
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const content = read(name);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => compilerOptions,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === FILE || fs.existsSync(name),
    readFile: read,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
}

/** The names that the editor offers at the mark | of the text. */
function completions(text) {
  const at = text.indexOf('|');
  const found = editor(text.replace('|', '')).getCompletionsAtPosition(FILE, at, {});
  return found.entries.map(({ name }) => name).sort();
}

const declared = (code) => `import { DgramSocket, SeqpacketServer, SeqpacketSocket } from 'node-unix-socket';\n${code}`;
const OF_DGRAM = ['close', 'connect', 'data', 'drain', 'error'];
const OF_SERVER = ['close', 'connection', 'error', 'listening'];
const OF_SEQPACKET = ['close', 'connect', 'data', 'drain', 'end', 'error'];

test('event names are completed, without those that 0.2.7 alone has', options, () => {
  for (const [code, expected] of [
    ["new SeqpacketSocket().on('|', () => {});", OF_SEQPACKET],
    ["new SeqpacketSocket().once('|', () => {});", OF_SEQPACKET],
    ["new DgramSocket().on('|', () => {});", OF_DGRAM],
    ["new SeqpacketServer().on('|', () => {});", OF_SERVER],
    ["class Mine extends DgramSocket<{ mine: () => void }> {}\nnew Mine().on('|', () => {});", [...OF_DGRAM, 'mine']],
  ]) {
    assert.deepStrictEqual(completions(declared(code)), [...expected].sort(), code);
  }
});

test('names of options are completed', options, () => {
  const names = completions(declared('new SeqpacketSocket({ | });'));
  for (const name of ['fd', 'busyPoll', 'allowHalfOpen', 'writableHighWaterMark', 'signal']) {
    assert.ok(names.includes(name), `${name} in ${names}`);
  }
  assert.deepStrictEqual(completions(declared("new DgramSocket().send('x', '/path', { | });")), ['fds']);
});

/** Every call that index.d.ts declares: a name for messages, and its declaration. */
function* calls() {
  const file = path.join(root, 'index.d.ts');
  const program = ts.createProgram([file], compilerOptions);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  for (const symbol of checker.getExportsOfModule(checker.getSymbolAtLocation(source))) {
    for (const declaration of symbol.declarations) {
      if (ts.isFunctionDeclaration(declaration)) yield [symbol.name, declaration];
      if (!ts.isClassDeclaration(declaration)) continue;
      for (const member of declaration.members) {
        if (!ts.isMethodDeclaration(member) && !ts.isConstructorDeclaration(member)) continue;
        yield [`${symbol.name}.${member.name ? member.name.getText() : 'constructor'}`, member];
      }
    }
  }
}

test('each call and each of its parameters is documented', options, () => {
  const missing = [];
  for (const [name, declaration] of calls()) {
    const text = `${name}(${declaration.parameters.map((parameter) => parameter.name.getText())})`;
    const [comment] = declaration.jsDoc || [];
    const isConstructor = ts.isConstructorDeclaration(declaration);
    if (!comment || (!comment.comment && !isConstructor)) missing.push(`${text}: no description`);
    for (const parameter of declaration.parameters) {
      const tags = ts.getJSDocParameterTags(parameter);
      if (tags.length !== 1 || !tags[0].comment) missing.push(`${text}: @param ${parameter.name.getText()}`);
    }
    for (const tag of ts.getJSDocTags(declaration)) {
      const undeclared =
        ts.isJSDocParameterTag(tag) && !declaration.parameters.some((p) => p.name.getText() === tag.name.getText());
      if (undeclared) missing.push(`${text}: no parameter ${tag.name.getText()}`);
    }
  }
  assert.deepStrictEqual(missing, []);
});

test('each class, and each function that returns a socket or a server, has an example', options, () => {
  const names = [
    'DgramSocket',
    'SeqpacketServer',
    'SeqpacketSocket',
    'createSocketPair',
    'createReuseportFd',
    'listenReuseport',
  ];
  const text = editor(`import * as lib from 'node-unix-socket';\n${names.map((name) => `lib.${name};`).join('\n')}`);
  const source = text.getProgram().getSourceFile(FILE);
  for (const name of names) {
    const at = source.text.indexOf(`lib.${name};`) + 'lib.'.length;
    const { tags = [] } = text.getQuickInfoAtPosition(FILE, at);
    assert.ok(
      tags.some((tag) => tag.name === 'example'),
      name,
    );
  }
});
