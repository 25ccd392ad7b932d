'use strict';
const { spawnSync } = require('child_process');
const os = require('os');
const { Meter, now } = require('../lib/meter');
const { messages, Checker } = require('../lib/traffic');

const SAMPLES = 1 << 22;
const BUSY_POLL = 200; // µs, above the time of a round trip
const connections = ['ours', '0.2.7', 'net', 'c'];
const datagrams = ['ours', '0.2.7', 'unix-dgram', 'udp'];
const situations = [
  { id: 'connection', group: 'connections', kind: 'connection', windows: [1, 16], contestants: connections },
  {
    id: 'connection setImmediate',
    group: 'connections, loops that setImmediate keeps turning',
    kind: 'connection',
    windows: [1],
    params: { turning: 'yes' },
    contestants: ['ours', '0.2.7', 'net', 'c-spin'],
  },
  {
    id: `connection busyPoll ${BUSY_POLL}`,
    group: `connections, busyPoll: ${BUSY_POLL} (node-unix-socket only)`,
    kind: 'connection',
    windows: [1],
    params: { busyPoll: BUSY_POLL },
    contestants: ['ours', 'net', 'c-spin'],
  },
  { id: 'datagram', group: 'datagrams', kind: 'datagram', windows: [1, 16], contestants: datagrams },
];

exports.name = 'roundtrip';
exports.title = 'Round trip';
exports.about =
  '64 bytes to an echo and back, each end on a CPU of its own (taskset); microseconds by the clock of the asking process. C over epoll; "spinning" calls recv(MSG_DONTWAIT) until there is a message. setImmediate keeps both loops from sleeping, so a message does not have to wake a process. busyPoll is an option of node-unix-socket; node:net sleeps in that case, too.';
exports.metrics = {
  p50: { label: 'p50 µs', better: 'less' },
  p99: { label: 'p99 µs', better: 'less' },
  p999: { label: 'p99.9 µs', better: 'less' },
  cpu: { label: 'CPU µs/round trip, both ends', better: 'less' },
  rate: { label: 'round trips/s', better: 'more' },
};

exports.cases = () =>
  situations.flatMap(({ id, group, kind, windows, params, contestants }) =>
    windows.map((window) => ({
      id: `${id} ${window}`,
      group,
      label: `${window} in flight`,
      params: { kind, window, ...params, size: 64 },
      contestants,
    })),
  );

exports.figures = ({ receiver, sender }, { lossy }) => {
  if (sender.bad > 0 && !lossy) return { error: `${sender.bad} answers damaged or out of turn` };
  const { p50, p99, p999 } = sender;
  return {
    p50,
    p99,
    p999,
    cpu: sender.cpu / sender.count + receiver.cpu / receiver.count,
    rate: sender.count / sender.seconds,
  };
};

/**
 * Gives each end a CPU of its own, if there are two CPUs and taskset is installed. Otherwise the scheduler decides the result: with
 * both ends on one CPU a round trip takes a fifth of the time.
 */
function pinned() {
  if (os.cpus().length < 2 || spawnSync('taskset', ['-c', '0,1', 'true']).status !== 0) return {};
  return { receiver: ['taskset', '-c', '0'], sender: ['taskset', '-c', '1'] };
}

/** The window of the echo ends first, because it counts messages that the other end has not received yet. */
exports.measure = async (bench) => {
  bench.wrap = { ...pinned(), ...bench.wrap };
  await bench.start('receiver');
  await bench.start('sender', { duration: bench.params.duration + 50 });
  bench.go();
  const [receiver, sender] = await bench.reports();
  return { receiver, sender };
};

/** Keeps the event loop of this process from sleeping in the kernel. */
function keepTurning() {
  setImmediate(keepTurning);
}

function receiver(contestant, params, control) {
  if (params.turning) keepTurning();
  const meter = new Meter(params);
  const counted = () => {
    if (!meter.over && !meter.tick()) control.report(meter.report());
  };
  if (params.kind === 'datagram') {
    contestant.open(`${params.path}0`, (socket) => {
      socket.on('data', (message, from) => {
        socket.send(message, from, () => {});
        counted();
      });
      control.ready();
    });
  } else {
    const onConnection = (socket) => {
      socket.on('data', (message) => {
        socket.write(message);
        counted();
      });
    };
    contestant.listen(params.path, onConnection, { busyPoll: params.busyPoll });
    setImmediate(control.ready);
  }
}

/** Exact percentiles, in microseconds, of the nanoseconds recorded. */
function percentiles(samples) {
  samples.sort();
  const at = (share) => samples[Math.min(samples.length - 1, Math.floor(samples.length * share))] / 1e3;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}

function sender(contestant, params, control) {
  if (params.turning) keepTurning();
  const { window } = params;
  const meter = new Meter(params);
  const checker = new Checker(params.size);
  const next = messages(params.size);
  const began = new Float64Array(window);
  const samples = new Uint32Array(SAMPLES);
  let recorded = 0;
  let asked = 0;
  let ask;

  const answered = (message) => {
    if (meter.over) return;
    checker.check(message);
    if (meter.from !== null && recorded < SAMPLES) samples[recorded++] = now() - began[meter.count % window];
    if (meter.tick()) more();
    else
      control.report({
        ...meter.report(),
        bad: checker.bad + checker.gaps,
        ...percentiles(samples.subarray(0, recorded)),
      });
  };
  const more = () => {
    began[asked++ % window] = now();
    ask(next());
  };
  const begin = () =>
    control.ready(() => {
      for (let i = 0; i < window; i += 1) more();
    });

  if (params.kind === 'datagram') {
    contestant.open(`${params.path}1`, (socket) => {
      const to = socket.address(`${params.path}0`);
      const sent = () => {};
      ask = (message) => socket.send(message, to, sent);
      socket.on('data', answered);
      begin();
    });
  } else {
    const onConnect = (socket) => {
      ask = (message) => socket.write(message);
      socket.on('data', answered);
      begin();
    };
    contestant.connect(params.path, onConnect, { busyPoll: params.busyPoll });
  }
}

exports.roles = { receiver, sender };
