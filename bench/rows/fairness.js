'use strict';
const { Meter, now } = require('../lib/meter');
const { messages, Sender } = require('../lib/traffic');

const QUIET = 8;
const EVERY = 10;
const TIMER = 5;

exports.name = 'fairness';
exports.title = 'Fairness';
exports.about = `While one peer floods, ${QUIET} other sockets of another process get a small message every ${EVERY} ms and a ${TIMER} ms timer runs.`;
exports.metrics = {
  timerP99: { label: 'timer late by, p99 ms', better: 'less' },
  timerMax: { label: 'timer late by, max ms', better: 'less' },
  otherP99: { label: "others' messages late by, p99 ms", better: 'less' },
  otherMax: { label: "others' messages late by, max ms", better: 'less' },
  rate: { label: 'flood messages/s', better: 'more' },
};
const params = { size: 64, duration: 1000 };
exports.cases = () => [
  {
    id: 'fairness seqpacket',
    label: 'connections',
    params: { kind: 'connection', ...params },
    contestants: ['ours', '0.2.7', 'net'],
  },
  {
    id: 'fairness dgram',
    label: 'datagrams',
    params: { kind: 'datagram', ...params },
    contestants: ['ours', '0.2.7', 'unix-dgram', 'udp'],
  },
];
exports.figures = (report, { lossy }) => {
  const { figures, missing } = report;
  return missing > 0 && !lossy ? { error: `${missing} messages of the other sockets missing` } : figures;
};

exports.measure = async (bench) => {
  const receiver = await bench.start('receiver');
  await bench.start('quiet');
  await bench.start('flood', { duration: bench.params.duration + 1000 });
  bench.go();
  return bench.wait(receiver.report);
};

/** A quiet message contains the time it was sent and the number of messages that its socket had sent before. Flood messages are longer. */
function receiver(contestant, params, control) {
  const meter = new Meter(params);
  const lateTimers = [];
  const lateOthers = [];
  let missing = 0;
  const flooded = () => {
    if (!meter.tick() && meter.count === meter.to.count) control.report(results());
  };
  const takes = () => {
    let turn = 0;
    return (message) => {
      if (message.length === params.size) return flooded();
      missing += Math.abs(message.readDoubleLE(8) - turn);
      turn = message.readDoubleLE(8) + 1;
      if (meter.from !== null) lateOthers.push((now() - message.readDoubleLE(0)) / 1e6);
    };
  };
  let due;
  const late = () => {
    due = now() + TIMER * 1e6;
    setTimeout(() => {
      if (meter.from !== null) lateTimers.push((now() - due) / 1e6);
      late();
    }, TIMER);
  };
  const results = () => {
    const at = (list, share) => list.sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];
    const { count, seconds } = meter.report();
    lateTimers.push((now() - due) / 1e6); // the pending timer
    if (lateOthers.length === 0) lateOthers.push(seconds * 1e3); // no quiet message has arrived
    const figures = {
      timerP99: at(lateTimers, 0.99),
      timerMax: at(lateTimers, 1),
      otherP99: at(lateOthers, 0.99),
      otherMax: at(lateOthers, 1),
      rate: count / seconds,
    };
    return { figures, missing };
  };
  const ready = () => control.ready(late);
  if (params.kind === 'connection') {
    contestant.listen(params.path, (socket) => socket.on('data', takes()));
    setImmediate(ready);
    return;
  }
  let left = QUIET + 1;
  for (let i = 0; i <= QUIET; i += 1) {
    contestant.open(`${params.path}${i}`, (socket) => {
      socket.on('data', takes());
      left -= 1;
      if (left === 0) ready();
    });
  }
}

/** Calls back with a function that sends a message to the i-th socket of the receiver. */
function open(contestant, params, i, then) {
  if (params.kind === 'connection') {
    contestant.connect(params.path, (socket) => then((message, cb) => socket.write(message, cb)));
  } else {
    contestant.open(null, (socket) => {
      const to = socket.address(`${params.path}${i}`);
      then((message, cb) => socket.send(message, to, cb));
    });
  }
}

function flood(contestant, params, control) {
  open(contestant, params, 0, (send) =>
    control.ready(() => new Sender({ send, next: messages(params.size), meter: new Meter(params) }).callbacks(64)),
  );
}

function quiet(contestant, params, control) {
  const sends = [];
  const sent = () => {};
  const opened = (send) => {
    sends.push(send);
    if (sends.length < QUIET) return;
    control.ready(() => {
      let turn = 0;
      setInterval(() => {
        for (const each of sends) {
          const message = Buffer.alloc(16);
          message.writeDoubleLE(turn, 8);
          message.writeDoubleLE(now(), 0);
          each(message, sent);
        }
        turn += 1;
      }, EVERY);
    });
  };
  for (let i = 1; i <= QUIET; i += 1) open(contestant, params, i, opened);
}

exports.roles = { receiver, flood, quiet };
