'use strict';
const { Meter } = require('../lib/meter');
const { messages, finish } = require('../lib/traffic');

const AT_ONCE = 16;

exports.name = 'connect';
exports.title = 'Connect, one message, close';
exports.about =
  '64 bytes, 16 clients at a time in one process; the server closes once the client has. C: one at a time, blocking. A process that ' +
  'has just started runs JavaScript that is not compiled yet.';
exports.metrics = {
  rate: { label: 'connections/s', better: 'more' },
  cpu: { label: 'CPU µs/connection, both ends', better: 'less' },
};
exports.cases = () =>
  [
    { id: 'connect', label: 'in the first second', params: { size: 64 } },
    { id: 'connect warm', label: 'after 4 s', params: { size: 64, warmup: 4000, duration: 1000 } },
  ].map((each) => ({ ...each, contestants: ['ours', '0.2.7', 'net', 'c'] }));

exports.figures = ({ receiver, sender }) => {
  if (receiver.lost || receiver.bad)
    return { error: `${receiver.lost} connections of ${receiver.sent} without their message` };
  return { rate: receiver.count / receiver.seconds, cpu: sender.cpu / sender.count + receiver.cpu / receiver.count };
};

function receiver(contestant, params, control) {
  const meter = new Meter(params);
  let bad = 0;
  contestant.listen(params.path, (socket) => {
    socket.on('data', (message) => {
      if (message.length !== params.size) bad += 1;
      meter.tick();
    });
    socket.on('end', () => socket.end());
  });
  finish(control, { meter, bad: () => bad, gaps: () => 0 });
  setImmediate(control.ready);
}

function sender(contestant, params, control) {
  const meter = new Meter(params);
  const next = messages(params.size);
  let open = AT_ONCE;
  const one = () =>
    contestant.connect(params.path, (socket) => {
      socket.write(next());
      socket.on('end', closed);
      socket.on('data', () => {});
      socket.end();
    });
  const closed = () => {
    meter.tick();
    if (!meter.over) return one();
    open -= 1;
    if (open > 0) return undefined;
    control.tell(meter.count);
    return control.report(meter.report());
  };
  control.ready(() => {
    for (let i = 0; i < AT_ONCE; i += 1) one();
  });
}

exports.roles = { receiver, sender };
