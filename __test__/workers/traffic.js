'use strict';
// In a worker: sockets of every class with traffic that never ends. `libPath` names the library; `nested` starts
// another worker that does the same.

const { Worker, parentPort, threadId, workerData } = require('worker_threads');
const { libPath, nested, twice, fail } = workerData;
const lib = require(libPath);

function flood(a, b) {
  const post = (socket, ...args) => (socket.send ? socket.send(...args) : socket.write(...args));
  b.on('data', () => {});
  const more = () => {
    for (let i = 0; i < 20; i++) post(a, 'traffic', () => {});
    a.cork();
    post(a, Buffer.alloc(5000));
    a.uncork();
    post(a, 'descriptor', ...(a.send ? [undefined] : []), { fds: [0] });
    setImmediate(more);
  };
  more();
}

function start(lib, name) {
  flood(...lib.createSocketPair('seqpacket', { receiveCredentials: true }));
  flood(...lib.createSocketPair('dgram'));
  // Queued for ever: its peer does not read.
  const [full] = lib.createSocketPair('seqpacket', { paused: true });
  for (let i = 0; i < 20; i++) full.write(Buffer.alloc(50000), () => {});
  const server = new lib.SeqpacketServer();
  server.listen(`\0nus-${process.pid}-${threadId}-${name}`);
  server.on('connection', (socket) => socket.on('data', () => {}));
  new lib.SeqpacketSocket().connect(server.address());
}

start(lib, 'a');
if (twice) {
  // The addon a second time in one environment.
  for (const file of Object.keys(require.cache))
    if (file.startsWith(libPath) && !file.endsWith('.node')) delete require.cache[file];
  start(require(libPath), 'b');
}
if (nested) {
  const inner = new Worker(__filename, { workerData: { libPath, nested: nested - 1 } });
  inner.once('message', () => parentPort.postMessage('running'));
} else {
  parentPort.postMessage('running');
}
if (fail) {
  setTimeout(() => {
    if (fail === 'exit') process.exit(0);
    throw new Error('planned');
  }, Math.random() * 20);
}
