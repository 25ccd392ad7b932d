'use strict';
const { Meter } = require('../lib/meter');
const { crowd } = require('../lib/crowd');
const { messages, Checker, Sender, finish } = require('../lib/traffic');
const { metrics, oneWay } = require('../lib/figures');

const WINDOW = 64;

exports.name = 'fanin';
exports.title = 'Fan-in';
exports.about =
  'Clients of one process to one server, 64 bytes, each with 64 in flight. C: bursts of 64 from each in turn; epoll and recvmmsg.';
exports.metrics = {
  rate: metrics.rate,
  receiverCpu: metrics.receiverCpu,
  senderCpu: metrics.senderCpu,
  receiverRss: metrics.receiverRss,
};
exports.figures = oneWay;

exports.cases = ({ quick }) =>
  (quick ? [1, 1000] : [1, 10, 100, 1000]).map((clients) => ({
    id: `${clients} clients`,
    label: `${clients} client${clients > 1 ? 's' : ''}`,
    params: { clients, size: 64 },
    contestants: ['ours', '0.2.7', 'net', 'c'],
  }));

function receiver(contestant, params, control) {
  const meter = new Meter(params);
  const checkers = [];
  contestant.listen(params.path, (socket) => {
    const checker = new Checker(params.size);
    checkers.push(checker);
    socket.on('data', (message) => {
      checker.check(message);
      meter.tick();
    });
  });
  const sum = (field) => () => checkers.reduce((all, checker) => all + checker[field], 0);
  finish(control, { meter, bad: sum('bad'), gaps: sum('gaps') });
  setImmediate(control.ready);
}

function sender(contestant, params, control) {
  const meter = new Meter(params);
  const begin = (sockets) => {
    let running = sockets.length;
    const done = () => {
      running -= 1;
      if (running > 0) return;
      control.tell(meter.count);
      control.report({ ...meter.report(), errors: senders.reduce((all, { errors }) => all + errors, 0) });
    };
    const senders = sockets.map((socket) => {
      const send = (message, cb) => socket.write(message, cb);
      return new Sender({ send, next: messages(params.size), meter, done });
    });
    for (const each of senders) each.callbacks(WINDOW);
  };
  crowd(
    contestant,
    params.path,
    params.clients,
    (_, next) => next(),
    (sockets) => control.ready(() => begin(sockets)),
  );
}

exports.roles = { receiver, sender };
