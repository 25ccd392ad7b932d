'use strict';
const oneway = require('./oneway');
const { perMessage } = require('../lib/instrument');

exports.name = 'instructions';
exports.plays = 'oneway';
exports.title = 'Instructions';
exports.about =
  'User-space instructions a message, 64 bytes one way, from valgrind --tool=callgrind; between the 20,000th and the 120,000th message.';
exports.rounds = 1;
exports.optional = true; // takes minutes: runs only if named
exports.metrics = {
  sender: { label: 'instructions/message, sender', better: 'less' },
  receiver: { label: 'instructions/message, receiver', better: 'less' },
};
exports.cases = () =>
  ['callbacks', 'drain', 'cork'].map((mode) => ({
    id: `instructions ${mode}`,
    label: mode,
    params: { mode, size: 64, grace: 240000 },
    contestants: ['ours', '0.2.7', 'net', 'c'],
  }));
exports.figures = (figures) => figures;
exports.roles = oneway.roles;

const callgrind = {
  command: (file) => ['valgrind', '--tool=callgrind', `--callgrind-out-file=${file}`],
  parse: (text) => ({ instructions: Number(text.match(/^(?:summary|totals): (\d+)/m)[1]) }),
};

exports.measure = async (bench) => ({
  sender: (await perMessage(bench, 'sender', callgrind, [20000, 120000])).instructions,
  receiver: (await perMessage(bench, 'receiver', callgrind, [20000, 120000])).instructions,
});
