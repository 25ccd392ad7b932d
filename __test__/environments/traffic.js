'use strict';

/**
 * Traffic of every kind in this environment, until stop() is called: seqpacket echoes, a half-read burst whose rest
 * waits in queues, datagrams to a reader and to one whose queue is full. `onRound` is called for every echo.
 */
const path = require('node:path');

function startTraffic(lib, folder, onRound = () => {}) {
  const open = [];
  const keep = (socket) => {
    open.push(socket);
    return socket;
  };
  const ignore = () => {}; // the other end may be gone already

  const server = keep(new lib.SeqpacketServer()).listen(path.join(folder, 'server'));
  server.on('connection', (peer) => {
    keep(peer)
      .on('data', (data) => peer.write(data))
      .on('error', ignore);
  });
  const client = keep(new lib.SeqpacketSocket());
  client.on('error', ignore);
  let rounds = 0;
  client.on('data', (data) => {
    if (data.readUInt32LE() !== rounds) throw new Error(`echo ${data.readUInt32LE()} in place of ${rounds}`);
    rounds++;
    onRound(rounds);
    ask();
  });
  function ask() {
    const message = Buffer.alloc(1024);
    message.writeUInt32LE(rounds);
    if (!client.closed) client.write(message, ignore);
  }
  client.connect(path.join(folder, 'server'), ask);

  const [writer, reader] = lib.createSocketPair('seqpacket', { paused: true });
  keep(writer).on('error', ignore);
  keep(reader).on('error', ignore);
  for (let i = 0; i < 64; i++) writer.write(Buffer.alloc(16384), ignore);

  const receiver = keep(new lib.DgramSocket());
  receiver.bind(path.join(folder, 'receiver'));
  receiver.on('data', ignore);
  const full = keep(new lib.DgramSocket({ paused: true }));
  full.bind(path.join(folder, 'full'));
  const sender = keep(new lib.DgramSocket());
  sender.on('error', ignore);
  for (let i = 0; i < 50; i++) sender.send('waits', full.address(), ignore);
  const timer = setInterval(() => {
    for (let i = 0; i < 20; i++) sender.send('arrives', receiver.address(), ignore);
  }, 1);

  return {
    rounds: () => rounds,
    stop() {
      clearInterval(timer);
      for (const socket of open) socket.close();
    },
  };
}

module.exports = { startTraffic };
