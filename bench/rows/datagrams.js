'use strict';
const { Meter } = require('../lib/meter');
const { messages, Checker, Sender, finish } = require('../lib/traffic');
const { metrics, oneWay } = require('../lib/figures');
const { KIB, sizeLabel } = require('../lib/sizes');

const PEERS = 50;
const PER_PEER = 4;
const STUCK = 16; // messages to the stopped receiver: 11 fill its queue, 5 wait

const unconnected = ['ours', '0.2.7', 'unix-dgram', 'udp', 'c'];
const connected = ['ours', 'unix-dgram', 'udp', 'c'];
const situations = [
  {
    id: 'connected',
    group: 'connected, 64 in flight',
    contestants: connected,
    params: { connected: 'yes', window: 64 },
  },
  {
    id: 'connected cork',
    group: 'connected, cork',
    contestants: ['ours', 'c'],
    params: { connected: 'yes', mode: 'cork' },
  },
  { id: 'unconnected', group: 'unconnected, one peer, 64 in flight', contestants: unconnected, params: { window: 64 } },
  { id: 'unconnected 1', group: 'unconnected, one peer, 1 in flight', contestants: unconnected, params: { window: 1 } },
  {
    id: 'fifty',
    group: '50 peers, one of them stopped',
    contestants: unconnected,
    params: { peers: PEERS, stuck: STUCK },
  },
];

exports.name = 'datagrams';
exports.title = 'Datagrams';
exports.about =
  'The sender is faster than the receiver, whose queue holds 11: congestion is the rule. C: send/recv, for cork sendmmsg/recvmmsg. While the queue is full, send blocks: the process sleeps in the kernel until the receiver has taken a message, which wakes it for one more. With 50 peers C does not block, but tries the next peer, and calls sched_yield if all are full. UDP drops what the receiver has no room for.';
exports.metrics = metrics;
exports.figures = oneWay;

exports.cases = ({ quick }) =>
  situations
    .filter(({ id }) => !quick || !['connected cork', 'unconnected 1'].includes(id))
    .flatMap(({ id, group, contestants, params }) =>
      (quick || id === 'unconnected 1' ? [64] : [64, 8 * KIB]).map((size) => ({
        id: `${id} ${sizeLabel(size)}`,
        group,
        label: sizeLabel(size),
        params: { peers: 1, ...params, size },
        contestants,
      })),
    );

/** With many receivers the last one is a process of its own. It is stopped until the sender reports that its window has ended. */
exports.measure = async (bench) => {
  const { params } = bench;
  await bench.start('receiver');
  let stopped;
  if (params.peers > 1) {
    stopped = await bench.start('stopped');
    stopped.signal('SIGSTOP');
  }
  const sender = await bench.start('sender', { duration: params.duration + 100 });
  const hand = sender.onTell;
  sender.onTell = (value) => {
    if (stopped) stopped.signal('SIGCONT');
    hand(value);
  };
  bench.go();
  const reports = await bench.reports();
  return { receiver: reports[0], sender: reports[reports.length - 1] };
};

function receiver(contestant, params, control) {
  const meter = new Meter(params);
  const checkers = [];
  const live = params.peers > 1 ? params.peers - 1 : 1;
  const open = (i) => {
    if (i === live) return control.ready();
    contestant.open(`${params.path}${i}`, (socket) => {
      const checker = new Checker(params.size);
      checkers.push(checker);
      socket.on('data', (message) => {
        checker.check(message);
        meter.tick();
      });
      open(i + 1);
    });
  };
  const sum = (field) => () => checkers.reduce((all, checker) => all + checker[field], 0);
  finish(control, { meter, bad: sum('bad'), gaps: sum('gaps'), lossy: contestant.lossy });
  open(0);
}

/** The stopped receiver: when it is continued, it receives its messages and reports them. */
function stopped(contestant, params, control) {
  let left = params.stuck;
  contestant.open(`${params.path}${params.peers - 1}`, (socket) => {
    socket.on('data', () => {
      left -= 1;
      if (left === 0) control.report({});
    });
    control.ready();
  });
}

function sender(contestant, params, control) {
  const meter = new Meter(params);
  contestant.open(null, (socket) => {
    const begin = () => control.ready(() => (params.peers > 1 ? toMany(socket) : toOne(socket)));
    if (params.connected) socket.connect(`${params.path}0`, begin);
    else begin();
  });

  const told = (senders) => {
    control.tell(meter.count);
    return { ...meter.report(), errors: senders.reduce((all, { errors }) => all + errors, 0) };
  };

  function toOne(socket) {
    const to = params.connected ? undefined : socket.address(`${params.path}0`);
    const send = (message, cb) => socket.send(message, to, cb);
    const one = new Sender({ send, next: messages(params.size), meter, done: () => control.report(told([one])) });
    if (params.mode === 'cork') socket.on('drain', one.cork(socket));
    else one.callbacks(params.window);
  }

  function toMany(socket) {
    const next = messages(params.size);
    const last = socket.address(`${params.path}${params.peers - 1}`);
    let stuck = params.stuck;
    let figures = null;
    const end = () => {
      if (stuck === 0 && figures) control.report(figures);
    };
    for (let i = 0; i < params.stuck; i += 1) {
      socket.send(next(), last, () => {
        stuck -= 1;
        end();
      });
    }
    const senders = [];
    let running = params.peers - 1;
    const done = () => {
      running -= 1;
      if (running > 0) return;
      figures = told(senders);
      end();
    };
    for (let i = 0; i < params.peers - 1; i += 1) {
      const to = socket.address(`${params.path}${i}`);
      const send = (message, cb) => socket.send(message, to, cb);
      senders.push(new Sender({ send, next: messages(params.size), meter, done }));
    }
    for (const each of senders) each.callbacks(PER_PEER);
  }
}

exports.roles = { receiver, sender, stopped };
