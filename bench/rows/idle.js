'use strict';
const { cpu, rss } = require('../lib/meter');
const { crowd } = require('../lib/crowd');

exports.name = 'idle';
exports.title = 'Idle connections';
exports.about =
  'Each has said one message and heard one; memory of the server after garbage collection, then its CPU while nothing happens. C keeps a descriptor each.';
exports.metrics = {
  rss: { label: 'RSS bytes/connection', better: 'less' },
  cpu: { label: 'CPU at rest, ms/s', better: 'less' },
};
exports.cases = ({ quick }) => {
  const clients = quick ? 2000 : 10000;
  const params = { clients, size: 64, rest: 1000, grace: 40000, nodeArgs: ['--expose-gc'] };
  return [
    {
      id: 'idle',
      label: `${clients.toLocaleString('en')} connections`,
      params,
      contestants: ['ours', '0.2.7', 'net', 'c'],
    },
  ];
};
exports.figures = ({ receiver }, _contestant, params) => ({
  rss: receiver.rss / params.clients,
  cpu: receiver.cpu / params.rest,
});

function settled() {
  global.gc();
  global.gc();
  return rss();
}

function rest(params, report) {
  const from = cpu();
  setTimeout(() => report(cpu() - from), params.rest);
}

function receiver(contestant, params, control) {
  const kept = [];
  let heard = 0;
  const before = settled();
  contestant.listen(params.path, (socket) => {
    kept.push(socket);
    socket.on('data', (message) => {
      socket.write(message);
      heard += 1;
      if (heard < params.clients) return;
      setTimeout(() => {
        const grown = settled() - before;
        rest(params, (used) => control.report({ rss: grown, cpu: used }));
      }, 500);
    });
  });
  setImmediate(control.ready, () => {});
}

function sender(contestant, params, control) {
  const message = Buffer.alloc(params.size);
  const begin = (socket, next) => {
    socket.on('data', next);
    socket.write(message);
  };
  control.ready(() => crowd(contestant, params.path, params.clients, begin, () => control.report({})));
}

exports.roles = { receiver, sender };
