'use strict';
const oneway = require('./oneway');
const { perMessage } = require('../lib/instrument');

exports.name = 'calls';
exports.plays = 'oneway';
exports.title = 'System calls';
exports.about =
  '10,000 messages of 64 bytes one way, one end under strace -c -f while the other runs free; the start-up of the process is taken off.';
exports.rounds = 1;
exports.metrics = {
  senderSend: { label: 'send calls/message', better: 'less' },
  senderEpoll: { label: 'epoll_ctl/message, sender', better: 'less' },
  senderAll: { label: 'all calls/message, sender', better: 'less' },
  receiverReceive: { label: 'receive calls/message', better: 'less' },
  receiverEpoll: { label: 'epoll_ctl/message, receiver', better: 'less' },
  receiverAll: { label: 'all calls/message, receiver', better: 'less' },
};
exports.cases = () =>
  ['callbacks', 'drain', 'cork'].map((mode) => ({
    id: `calls ${mode}`,
    label: mode,
    params: { mode, size: 64, grace: 60000 },
    contestants: ['ours', '0.2.7', 'net', ...(mode === 'cork' ? ['net-cork'] : []), 'c'],
  }));
exports.figures = (figures) => figures;
exports.roles = oneway.roles;

const strace = {
  command: (file) => ['strace', '-c', '-f', '-o', file],
  /** Parses the lines "% time, seconds, usecs/call, calls, [errors,] syscall" of strace. */
  parse(text) {
    const calls = {};
    for (const line of text.split('\n')) {
      const words = line.trim().split(/\s+/);
      if (words.length >= 5 && /^\d/.test(words[0]) && words[words.length - 1] !== 'total')
        calls[words[words.length - 1]] = Number(words[3]);
    }
    return calls;
  },
};

const sum = (calls, pattern) =>
  Object.keys(calls)
    .filter((name) => pattern.test(name))
    .reduce((all, name) => all + calls[name], 0);

exports.measure = async (bench) => {
  const sender = await perMessage(bench, 'sender', strace, [1000, 11000]);
  const receiver = await perMessage(bench, 'receiver', strace, [1000, 11000]);
  return {
    senderSend: sum(sender, /^(send|write)/),
    senderEpoll: sum(sender, /^epoll_ctl$/),
    senderAll: sum(sender, /./),
    receiverReceive: sum(receiver, /^(recv|read)/),
    receiverEpoll: sum(receiver, /^epoll_ctl$/),
    receiverAll: sum(receiver, /./),
  };
};
