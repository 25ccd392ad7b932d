'use strict';
const { Meter } = require('../lib/meter');
const { pair } = require('../lib/pair');
const { messages, finish } = require('../lib/traffic');
const { metrics, oneWay } = require('../lib/figures');

const SENDERS = 1000;
/** A message begins with the number of its sender in two bytes; the rest is a message of lib/traffic.js. */
const HEAD = 2;

exports.name = 'senders';
exports.title = 'Many senders to one reader';
exports.about =
  'Datagram sockets without a path in one process, 64 bytes, to one reader whose queue holds 11: each sends one message, and when all have sent theirs, each sends the next. The reader checks the order of the messages of each sender. Python and C: non-blocking sockets and epoll, one call a message. They connect in all cases, because epoll does not report when a socket that is not connected can send again. unix-dgram needs 7 seconds for 1,000 messages if the reader is in the same process, so it is left out there.';
exports.metrics = {
  rate: metrics.rate,
  cpu: { label: 'CPU µs/message, both ends', better: 'less' },
  senderRss: metrics.senderRss,
};
exports.figures = (raw, contestant, params) => {
  const { error, rate, senderCpu, receiverCpu, senderRss } = oneWay(raw, contestant, params);
  return error ? { error } : { rate, cpu: params.together ? receiverCpu : senderCpu + receiverCpu, senderRss };
};

const situations = [
  { id: 'senders', label: 'reader in another process', params: {} },
  { id: 'senders connected', label: 'reader in another process, connected', params: { connected: 'yes' } },
  { id: 'senders together', label: 'reader in the same process', params: { together: 'yes' } },
  {
    id: 'senders together connected',
    label: 'reader in the same process, connected',
    params: { together: 'yes', connected: 'yes' },
  },
];

exports.cases = ({ quick }) =>
  situations
    .filter(({ params }) => !quick || !params.connected)
    .map(({ id, label, params }) => ({
      id: `${id} ${SENDERS}`,
      label: `${SENDERS.toLocaleString('en')} senders, ${label}`,
      params: { senders: SENDERS, ...params, size: 64 },
      contestants: ['ours', ...(params.together ? [] : ['unix-dgram']), 'python', 'c'],
    }));

exports.measure = async (bench) => {
  if (!bench.params.together) return pair(bench);
  await bench.start('both');
  bench.go();
  const [both] = await bench.reports();
  return { receiver: both, sender: { errors: 0, ...both } };
};

function receiver(contestant, params, control) {
  const meter = new Meter(params);
  const turns = new Uint8Array(params.senders);
  let bad = 0;
  let gaps = 0;
  contestant.open(params.path, (socket) => {
    socket.on('data', (message) => {
      const { length } = message;
      const from = message[0] | (message[1] << 8);
      const turn = message[HEAD];
      if (length !== params.size || message[length - 1] !== ((turn + length - HEAD - 1) & 255)) bad += 1;
      else if (turn !== turns[from]) gaps += 1;
      turns[from] = turn + 1;
      meter.tick();
    });
    control.ready();
  });
  finish(control, { meter, bad: () => bad, gaps: () => gaps });
}

function sender(contestant, params, control) {
  const meter = new Meter(params);
  const next = messages(params.size - HEAD);
  const senders = [];
  let waiting = 0;
  let errors = 0;

  const sent = (err) => {
    if (err) errors += 1;
    meter.tick();
    waiting -= 1;
    if (waiting === 0) process.nextTick(burst);
  };

  /** Each socket sends one message. All messages of a burst have the same turn. */
  function burst() {
    if (meter.over) {
      control.tell(meter.count);
      control.report({ ...meter.report(), errors });
      return;
    }
    waiting = senders.length;
    const body = next();
    for (const { socket, to, message } of senders) {
      message.set(body, HEAD);
      socket.send(message, to, sent);
    }
  }

  function open() {
    const i = senders.length;
    if (i === params.senders) return control.ready(burst);
    return contestant.open(null, (socket) => {
      const message = Buffer.alloc(params.size);
      message.writeUInt16LE(i);
      senders.push({ socket, message, to: params.connected ? undefined : socket.address(params.path) });
      if (params.connected) socket.connect(params.path, open);
      else open();
    });
  }
  open();
}

/** Reader and senders in one event loop. */
function both(contestant, params, control) {
  let told;
  let errors;
  const reader = {
    ready: () => sender(contestant, { ...params, duration: params.duration + 100 }, senders),
    onTold: (fn) => (told = fn),
    report: (figures) => control.report({ ...figures, errors }),
  };
  const senders = {
    ready: control.ready,
    tell: (value) => setImmediate(told, value),
    report: (figures) => (errors = figures.errors),
  };
  receiver(contestant, params, reader);
}

exports.roles = { receiver, sender, both };
