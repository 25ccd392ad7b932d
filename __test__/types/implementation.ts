// The JavaScript that ships, checked against the declarations: each module's inferred type must satisfy what is
// declared for it. Compiled, never run (npm run typecheck).
import type * as declared from '../..';
import type * as declaredDgram from '../../types/dgram';
import type * as declaredSeqpacket from '../../types/seqpacket';
import type * as declaredSocket from '../../types/socket';

import dgram = require('../../js/dgram.js');
import index = require('../../js/index.js');
import seqpacket = require('../../js/seqpacket.js');
import socket = require('../../js/socket.js');

// Defined at run time only, where Symbol.asyncDispose exists (__test__/api/declarations.test.js looks).
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
