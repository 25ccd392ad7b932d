'use strict';
// Numbers that the binary has, too (__test__/project/constants.test.js compares them), and limits of the operating system.

const LINUX = process.platform === 'linux' || process.platform === 'android';

/** Kinds of events that the binary emits: the first argument of onEvent. */
const Event = Object.freeze({
  END: 1,
  ERROR: 2,
  CLOSE: 3,
  SENT: 4,
  DRAINED: 5,
  SHUTDOWN: 6,
  PEER_ENDED: 7,
  CONNECTION: 8,
});

/** Results of peekState(): what is left to read. */
const Peek = Object.freeze({ MESSAGE_OR_NOTHING: 0, ONLY_END: 1, ONLY_ERROR: 2 });

/** What may become of a message at the time of the call. */
const SendMode = Object.freeze({ SEND_OR_QUEUE: 0, QUEUE_ONLY: 1, TRY_ONLY: 2 });

module.exports = {
  Event,
  LINUX,
  /** Descriptors of one message (SCM_MAX_FD). */
  MAX_FDS: 253,
  MAX_INT: 0x7fffffff,
  /** Buffers of one sendmsg(2) (IOV_MAX). */
  MAX_PARTS: 1024,
  /** Bytes of a socket name (sun_path). */
  MAX_PATH: LINUX ? 108 : 104,
  /** Bytes of the largest `readBufferSize`. */
  MAX_READ_SIZE: 1 << 30,
  /** Messages that one onRun call can deliver. */
  MAX_RUN_MESSAGES: 64,
  /** What a queued message counts in `writableLength` in addition to its bytes. */
  MESSAGE_OVERHEAD_BYTES: 128,
  Peek,
  SendMode,
};
