'use strict';
const { Meter, cpu } = require('../lib/meter');
const { messages, Checker, Sender, finish } = require('../lib/traffic');

const COUNT = 2000;
const SETTLE = 300;

exports.name = 'stopped';
exports.title = 'A stopped peer';
exports.about = `CPU of a sender with 64 messages in flight to a process stopped by SIGSTOP; continued, it must get all ${COUNT}.`;
exports.metrics = {
  cpu: { label: 'CPU ms/s while stopped', better: 'less' },
  lost: { label: 'messages lost', better: 'less' },
};

const datagrams = ['ours', '0.2.7', 'unix-dgram', 'udp'];
exports.cases = ({ quick }) =>
  [
    ['nothing to send', 'connection', { count: 0 }, ['ours', '0.2.7', 'net']],
    ['seqpacket', 'connection', {}, ['ours', '0.2.7', 'net']],
    ['datagrams, connected', 'datagram', { connected: 'yes' }, datagrams],
    ['datagrams, unconnected', 'datagram', {}, datagrams],
  ].map(([label, kind, params, contestants]) => ({
    id: `stopped ${label}`,
    label,
    params: { kind, count: COUNT, ...params, size: 64, rest: quick ? 500 : 1000 },
    contestants,
  }));

exports.figures = ({ receiver, sender }, { lossy }, params) => {
  const { lost, bad, gaps } = receiver;
  if (bad > 0 || sender.errors > 0 || (!lossy && (lost > 0 || gaps > 0))) {
    return { error: `${lost} of ${params.count} lost, ${bad} damaged, ${gaps} out of turn, ${sender.errors} errors` };
  }
  return { cpu: sender.cpu / params.rest, lost };
};

exports.measure = async (bench) => {
  const receiver = await bench.start('receiver');
  const sender = await bench.start('sender');
  receiver.signal('SIGSTOP');
  const hand = sender.onTell;
  sender.onTell = (value) => {
    receiver.signal('SIGCONT');
    hand(value);
  };
  sender.say('go');
  const [received, sent] = await bench.reports();
  return { receiver: received, sender: sent };
};

function receiver(contestant, params, control) {
  const checker = new Checker(params.size);
  const meter = new Meter({ warmup: 0, duration: 0 });
  const take = (message) => {
    checker.check(message);
    meter.tick();
  };
  finish(control, { meter, bad: () => checker.bad, gaps: () => checker.gaps, lossy: contestant.lossy });
  if (params.kind === 'datagram') {
    contestant.open(params.path, (socket) => {
      socket.on('data', take);
      control.ready();
    });
  } else {
    contestant.listen(params.path, (socket) => socket.on('data', take));
    setImmediate(control.ready);
  }
}

function sender(contestant, params, control) {
  const meter = new Meter({ warmup: 0, duration: 1e9, count: params.count });
  const begin = (send) =>
    control.ready(() => {
      let used = null;
      let sent = false;
      const end = () => {
        if (sent && used !== null) control.report({ cpu: used, errors: one.errors });
      };
      const done = () => {
        sent = true;
        end();
      };
      const one = new Sender({ send, next: messages(params.size), meter, done });
      one.callbacks(64);
      setTimeout(() => {
        const from = cpu();
        setTimeout(() => {
          used = cpu() - from;
          control.tell(params.count);
          end();
        }, params.rest);
      }, SETTLE);
    });
  if (params.kind === 'connection') {
    contestant.connect(params.path, (socket) => begin((message, cb) => socket.write(message, cb)));
    return;
  }
  contestant.open(null, (socket) => {
    const to = socket.address(params.path);
    const ready = () => begin((message, cb) => socket.send(message, to, cb));
    if (params.connected) socket.connect(params.path, ready);
    else ready();
  });
}

exports.roles = { receiver, sender };
