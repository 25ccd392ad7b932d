'use strict';

/** The socket module of Python as the peer. say(...) prints a line of JSON, which hear() reads; bytes are latin-1. */

const assert = require('node:assert');
const { python } = require('../helpers');

const PRELUDE = `
import json, os, socket, struct, sys
args = [arg.encode('latin-1') for arg in json.loads(sys.argv[1])]
def say(*values):
    print(json.dumps([v.decode('latin-1') if isinstance(v, bytes) else v for v in values]), flush=True)
def hear():
    return sys.stdin.readline()
def open_socket(kind):
    s = socket.socket(socket.AF_UNIX, kind)
    s.settimeout(10)
    return s
def seqpacket(path):
    s = open_socket(socket.SOCK_SEQPACKET)
    s.connect(path)
    return s
def serve(path):
    s = open_socket(socket.SOCK_SEQPACKET)
    s.bind(path)
    s.listen()
    say('listening')
    return s.accept()[0]
def dgram(path=None):
    s = open_socket(socket.SOCK_DGRAM)
    if path is not None: s.bind(path)
    return s
`;

/** Starts a Python peer. Paths are Buffers or strings of single-byte characters. */
function peer(t, source, ...paths) {
  const args = JSON.stringify(paths.map((path) => Buffer.from(path).toString('latin1')));
  const child = python(t, PRELUDE + source, [args]);
  return {
    ...child,
    hear: async () => JSON.parse(await child.line()),
    /** Waits until it ends, which must be without an error. */
    async succeeds() {
      const { code, stderr } = await child.done;
      assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: '' });
    },
  };
}

module.exports = { peer };
