'use strict';
const { Meter } = require('../lib/meter');
const { messages, Checker, Sender, finish } = require('../lib/traffic');
const { metrics, oneWay } = require('../lib/figures');
const { KIB, sizeLabel } = require('../lib/sizes');

const modes = { callbacks: 'callbacks, 64 in flight', drain: "write + 'drain'", cork: 'cork, 64 a burst' };
const WINDOW = 64;
/** From this size on the memory of the receiver limits the rate, so C also runs with separate memory for each message. */
const OWNED = 16 * KIB;

exports.name = 'oneway';
exports.title = 'One way';
exports.about =
  'Connections: seqpacket, and a stream with length-prefixed frames for node:net. C: one call a message; for cork sendmmsg/recvmmsg.';
exports.metrics = metrics;
exports.figures = oneWay;

exports.cases = ({ quick }) => {
  const sizes = quick ? [64, 64 * KIB] : [64, KIB, 16 * KIB, 64 * KIB, 200 * KIB];
  return Object.keys(modes).flatMap((mode) =>
    sizes.map((size) => ({
      id: `${mode} ${sizeLabel(size)}`,
      group: modes[mode],
      label: sizeLabel(size),
      params: { mode, size },
      contestants: [
        'ours',
        '0.2.7',
        'net',
        ...(mode === 'cork' ? ['net-cork'] : []),
        'c',
        'c-doubled',
        ...(size >= OWNED ? ['c-own'] : []),
      ],
    })),
  );
};

exports.roles = {
  receiver(contestant, params, control) {
    const meter = new Meter(params);
    const checker = new Checker(params.size);
    contestant.listen(params.path, (socket) => {
      socket.on('data', (message) => {
        checker.check(message);
        meter.tick();
      });
    });
    finish(control, { meter, bad: () => checker.bad, gaps: () => checker.gaps });
    setImmediate(control.ready);
  },

  sender(contestant, params, control) {
    contestant.connect(params.path, (socket) => {
      control.ready(() => {
        const meter = new Meter(params);
        const sender = new Sender({
          send: (message, cb) => socket.write(message, cb),
          next: messages(params.size),
          meter,
          done() {
            control.tell(meter.count);
            control.report({ ...meter.report(), errors: sender.errors });
          },
        });
        if (params.mode === 'callbacks') sender.callbacks(WINDOW);
        else socket.on('drain', params.mode === 'cork' && socket.cork ? sender.cork(socket) : sender.drain());
      });
    });
  },
};
