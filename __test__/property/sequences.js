'use strict';
// Random sequences for fast-check: links between sockets, and operations at the top level or inside of callbacks.

const fc = require('fast-check');

const options = fc.record(
  {
    readBufferSize: fc.constantFrom(1, 16, 300, 4096, 262144),
    writableHighWaterMark: fc.constantFrom(0, 1, 1000, 65536),
    maxQueuedBytes: fc.constantFrom(0, 5000, 200000, Infinity),
    receiveFds: fc.constantFrom(true, true, false),
    receiveCredentials: fc.boolean(),
    paused: fc.boolean(),
    signal: fc.constantFrom('later', 'later', 'later', 'aborted'),
  },
  { requiredKeys: [] },
);

const link = fc.record({
  kind: fc.constantFrom('seqpacket', 'dgram', 'named', 'named', 'server'),
  options,
  other: options,
  accept: fc.constantFrom('listener', 'loop', 'one'),
});

const weighted = (...pairs) => fc.oneof(...pairs.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));

const op = weighted(
  [12, 'send'],
  [3, 'burst'],
  [8, 'turn'],
  [2, 'cork'],
  [2, 'uncork'],
  [2, 'pause'],
  [3, 'resume'],
  [1, 'listen'],
  [1, 'unlisten'],
  [1, 'close'],
  [1, 'destroy'],
  [1, 'end'],
  [2, 'hostile'],
  [1, 'throw'],
  [1, 'server'],
  [1, 'ref'],
  [1, 'unref'],
  [6, 'iterate'],
  [3, 'stream'],
  [5, 'connect'],
  [1, 'disconnect'],
  [4, 'scatter'],
  [3, 'abort'],
  [2, 'sizes'],
);

const step = fc.record({
  op,
  end: fc.nat(7),
  inside: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom('data', 'cb', 'drain', 'end', 'close', 'error') },
  ),
  size: fc.oneof(
    { weight: 6, arbitrary: fc.nat(300) },
    { weight: 1, arbitrary: fc.constantFrom(0, 2048, 2049, 4097, 65536, 150000, 300000) },
  ),
  count: fc.constantFrom(2, 15, 70, 300),
  cb: fc.constantFrom('none', 'notify', 'error', 'error'),
  shape: fc.constantFrom('whole', 'whole', 'slice', 'parts'),
  to: fc.nat(3),
  fds: weighted([2, false], [1, true]),
});

const sequence = fc.record({
  links: fc.array(link, { minLength: 1, maxLength: 3 }),
  steps: fc.array(step, { maxLength: 40 }),
});

module.exports = { sequence };
