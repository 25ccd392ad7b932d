// js/ checked against the declarations: the inferred type of each module must satisfy its declaration. Compiled by
// `npm run typecheck`, never run.
import type * as declared from '../..';
import type * as declaredDgram from '../../types/dgram';
import type * as declaredSeqpacket from '../../types/seqpacket';
import type * as declaredSocket from '../../types/socket';

import dgram = require('../../js/dgram.js');
import index = require('../../js/index.js');
import seqpacket = require('../../js/seqpacket.js');
import socket = require('../../js/socket.js');

// Defined at run time if Symbol.asyncDispose exists, which __test__/api/declarations.test.js checks.
declare module '../../js/socket_base.js' {
  interface SocketBase {
    [Symbol.asyncDispose](): Promise<void>;
  }
}
declare module '../../js/seqpacket_server.js' {
  interface SeqpacketServer {
    [Symbol.asyncDispose](): Promise<void>;
  }
}

export const modules: [typeof declared, typeof declaredDgram, typeof declaredSeqpacket, typeof declaredSocket] = [
  index,
  dgram,
  seqpacket,
  socket,
];
