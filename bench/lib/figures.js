'use strict';

/** Metrics of several rows: label with unit, and whether more or less is better. */
const metrics = {
  rate: { label: 'messages/s', better: 'more' },
  bytes: { label: 'MB/s', better: 'more' },
  senderCpu: { label: 'CPU µs/message, sender', better: 'less' },
  receiverCpu: { label: 'CPU µs/message, receiver', better: 'less' },
  senderRss: { label: 'peak RSS MB, sender', better: 'less' },
  receiverRss: { label: 'peak RSS MB, receiver', better: 'less' },
};

/** Figures of one-way traffic from the reports of both ends. An error if a message was lost, damaged or out of order. */
function oneWay({ receiver, sender }, { lossy }, { size }) {
  const { lost, bad, gaps } = receiver;
  if (bad > 0 || sender.errors > 0 || (!lossy && (lost > 0 || gaps > 0))) {
    return { error: `${lost} of ${receiver.sent} lost, ${bad} damaged, ${gaps} out of turn, ${sender.errors} errors` };
  }
  const rate = receiver.count / receiver.seconds;
  return {
    rate,
    bytes: (rate * size) / 1e6,
    senderCpu: sender.cpu / sender.count,
    receiverCpu: receiver.cpu / receiver.count,
    senderRss: sender.peakRss / 1e6,
    receiverRss: receiver.peakRss / 1e6,
    ...(lossy ? { lost: lost / receiver.sent } : {}),
  };
}

module.exports = { metrics, oneWay };
