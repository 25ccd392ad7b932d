'use strict';
// The two processes of bench/soak.js: mixed traffic of this package; both ends count the messages of each kind.
const fs = require('fs');
const { DgramSocket, SeqpacketServer, SeqpacketSocket, closeFd } = require('../..');
const { Meter } = require('../lib/meter');
const { Sender, arrived } = require('../lib/traffic');

const MIXED = [64, 64, 200, 64, 1024, 64, 64, 8192, 64, 64, 64, 30000];
const LARGE = [40000, 40000, 40000, 100000];
const SIZES = [...MIXED, ...MIXED, ...MIXED, ...MIXED, ...LARGE];
const WINDOW = 4;
const CHAINS = 2;
const QUIET = 5000;
const REPLY_EVERY = 8; // the receiver sends every 8th message of a connection back
const MODES = ['callbacks', 'drain', 'cork'];

const bytes = Buffer.from(Array.from({ length: 256 + Math.max(...SIZES) }, (_, i) => i & 255));

/** Message i of a connection or of a datagram sender. Its length, first and last byte depend on i, so that loss and reordering are detected. */
function sequence() {
  let turn = 0;
  return () => {
    const message = bytes.subarray(turn & 255, (turn & 255) + SIZES[turn % SIZES.length]);
    turn += 1;
    return message;
  };
}

function wrong(message, turn) {
  const size = SIZES[turn % SIZES.length];
  return message.length !== size || message[0] !== (turn & 255) || message[size - 1] !== ((turn + size - 1) & 255);
}

/** Collects garbage first, so that the figures show retained memory only. */
setInterval(() => global.gc(), 2000).unref();

const zero = () => ({ messages: 0, datagrams: 0, connections: 0, descriptors: 0, replies: 0 });

function receiver(_, params, control) {
  const counts = { ...zero(), wrong: 0 };
  const { path } = params;

  const serve = (where, options, onMessage) => {
    const server = new SeqpacketServer();
    server.on('connection', (socket) => {
      let turn = 0;
      socket.on('error', (err) => {
        process.stderr.write(`error: ${err.stack}\n`);
        process.exit(1);
      });
      socket.on('data', (message, info) => onMessage(socket, message, turn++, info));
      socket.on('end', () => socket.end());
    });
    server.listen({ path: where, backlog: 4096, socket: options });
  };

  serve(path, {}, (socket, message, turn) => {
    counts.messages += 1;
    if (wrong(message, turn)) counts.wrong += 1;
    if (turn % REPLY_EVERY === 0) {
      counts.replies += 1;
      if (!socket.write(message)) {
        socket.pause();
        socket.once('drain', () => socket.resume());
      }
    }
    if (turn % 5000 === 4999) {
      socket.pause();
      setTimeout(() => socket.resume(), 20);
    }
  });
  serve(`${path}c`, {}, () => {
    counts.connections += 1;
  });
  serve(`${path}f`, { receiveFds: true }, (_socket, _message, _turn, info) => {
    counts.descriptors += info.fds.length;
    info.fds.forEach(closeFd);
  });
  for (const name of ['d0', 'd1']) {
    let turn = 0;
    const socket = new DgramSocket();
    socket.bind(path + name);
    socket.on('data', (message) => {
      counts.datagrams += 1;
      if (wrong(message, turn++)) counts.wrong += 1;
    });
  }

  control.onTold((sent) => {
    const sum = (counted) => counted.messages + counted.datagrams + counted.connections + counted.descriptors;
    arrived(
      () => sum(counts),
      sum(sent),
      QUIET,
      () => control.report(counts),
    );
  });
  setImmediate(control.ready);
}

function sender(_, params, control) {
  const { path } = params;
  const counts = { ...zero(), errors: 0 };
  const meter = new Meter({ warmup: 0, duration: params.duration });
  const connections = [];
  let busy = 0;

  const idle = () => {
    busy -= 1;
    if (busy === 0) end();
  };

  /** Ends the traffic and waits until every connection has received its last reply. */
  const end = () => {
    control.tell(counts);
    const owed = connections.reduce((all, { sent }) => all + Math.ceil(sent / REPLY_EVERY), 0);
    arrived(
      () => counts.replies,
      owed,
      QUIET,
      () => control.report({ ...counts, owed }),
    );
  };

  function stream(socket, i) {
    const connection = { sent: 0 };
    connections.push(connection);
    socket.on('data', () => {
      counts.replies += 1;
    });
    const next = sequence();
    const send = (message, cb) => {
      connection.sent += 1;
      counts.messages += 1;
      return socket.write(message, cb);
    };
    run(new Sender({ send, next, meter, done: idle }), MODES[i % MODES.length], socket);
  }

  function run(one, mode, socket) {
    busy += 1;
    if (mode === 'callbacks') one.callbacks(WINDOW);
    else socket.on('drain', mode === 'drain' ? one.drain() : one.cork(socket));
  }

  function datagrams() {
    const connected = new DgramSocket();
    connected.connect(`${path}d0`);
    const free = new DgramSocket();
    const sends = [(message, cb) => connected.send(message, cb), (message, cb) => free.send(message, `${path}d1`, cb)];
    for (const each of sends) {
      const send = (message, cb) => {
        counts.datagrams += 1;
        return each(message, cb);
      };
      run(new Sender({ send, next: sequence(), meter, done: idle }), 'callbacks');
    }
  }

  /** Opens connections that send one message and close. */
  function chain() {
    busy += 1;
    const one = () => {
      if (meter.over) return idle();
      const socket = new SeqpacketSocket();
      counts.connections += 1;
      socket.on('data', () => {});
      socket.on('close', () => setTimeout(one, 1));
      socket.connect(`${path}c`, () => {
        socket.write('hello');
        socket.end();
      });
    };
    one();
  }

  function descriptors() {
    busy += 1;
    const socket = new SeqpacketSocket();
    const fd = fs.openSync('/dev/null', 'r');
    const one = () => {
      if (meter.over) return idle();
      counts.descriptors += 2;
      socket.write('fds', { fds: [fd, fd] }, () => setTimeout(one, 5));
    };
    socket.connect(`${path}f`, one);
  }

  /** Opens all connections before traffic starts, because a busy event loop opens few. */
  control.ready(() => {
    const sockets = [];
    const open = () => {
      if (sockets.length === params.connections) return begin();
      const socket = new SeqpacketSocket();
      sockets.push(socket);
      socket.connect(path, () => setImmediate(open));
    };
    const begin = () => {
      sockets.forEach(stream);
      datagrams();
      for (let i = 0; i < CHAINS; i += 1) chain();
      descriptors();
    };
    open();
  });
}

exports.name = 'soak';
exports.roles = { receiver, sender };
