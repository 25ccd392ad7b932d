'use strict';
const { against, between, plain } = require('./lib/results');

const named = (mode) => (mode === 'drain' ? 'write + drain' : mode);

/** Targets of this package. Ratios with `atLeast` are of rates, those with `atMost` of times, CPU or memory. */
module.exports = [
  {
    what: 'seqpacket 64 B, callbacks, against 0.2.7',
    atLeast: 5,
    value: against('oneway', 'callbacks 64 B', '0.2.7', 'rate'),
  },
  {
    what: 'seqpacket 64 B, write + drain, against net',
    atLeast: 1.4,
    value: against('oneway', 'drain 64 B', 'net', 'rate'),
  },
  {
    what: 'seqpacket 64 B, cork, against net (a write a message)',
    atLeast: 1.7,
    value: against('oneway', 'cork 64 B', 'net', 'rate'),
  },
  {
    what: 'seqpacket 64 B, cork, against C sendmmsg/recvmmsg',
    atLeast: 0.9,
    value: against('oneway', 'cork 64 B', 'c', 'rate'),
  },
  ...['16 KiB', '200 KiB'].flatMap((size) =>
    ['callbacks', 'drain'].map((mode) => ({
      what: `${size}, ${named(mode)}, against net`,
      atLeast: 1.1,
      value: against('oneway', `${mode} ${size}`, 'net', 'rate'),
    })),
  ),
  {
    what: 'datagrams 64 B, connected, against C send/recv',
    atLeast: 0.9,
    value: against('datagrams', 'connected 64 B', 'c', 'rate'),
  },
  {
    what: 'datagrams 64 B, unconnected through congestion, against C',
    atLeast: 0.6,
    value: against('datagrams', 'unconnected 64 B', 'c', 'rate'),
  },
  {
    what: 'datagrams 8 KiB to 50 peers, one of them stopped, against unix-dgram 2.0.7',
    atLeast: 1.2,
    value: against('datagrams', 'fifty 8 KiB', 'unix-dgram', 'rate'),
  },
  {
    what: '1,000 unbound senders, reader in the same process, against Python with epoll',
    atLeast: 2,
    value: against('senders', 'senders together 1000', 'python', 'rate'),
  },
  {
    what: '1,000 unbound senders, reader in another process, against Python with epoll',
    atLeast: 2,
    value: against('senders', 'senders 1000', 'python', 'rate'),
  },
  {
    what: '1,000 unbound senders that are connected, reader in another process, against Python with epoll',
    atLeast: 2,
    value: against('senders', 'senders connected 1000', 'python', 'rate'),
  },
  { what: '64 KiB, callbacks, against C', atLeast: 0.9, value: against('oneway', 'callbacks 64 KiB', 'c', 'rate') },
  { what: '64 KiB, write + drain, against C', atLeast: 0.9, value: against('oneway', 'drain 64 KiB', 'c', 'rate') },
  { what: '64 KiB, cork, against C', atLeast: 0.9, value: against('oneway', 'cork 64 KiB', 'c', 'rate') },
  ...['callbacks', 'drain', 'cork'].map((mode) => ({
    what: `64 KiB, ${named(mode)}, against C with a buffer a message`,
    atLeast: 0.9,
    value: against('oneway', `${mode} 64 KiB`, 'c-own', 'rate'),
  })),
  {
    what: 'round trip p50, 1 in flight, against net',
    atMost: 0.95,
    value: against('roundtrip', 'connection 1', 'net', 'p50'),
  },
  {
    what: 'round trip p50, 16 in flight, against net',
    atMost: 0.9,
    value: against('roundtrip', 'connection 16', 'net', 'p50'),
  },
  {
    what: 'round trip CPU, 1 in flight, against net',
    atMost: 0.95,
    value: against('roundtrip', 'connection 1', 'net', 'cpu'),
  },
  {
    what: 'round trip CPU, 16 in flight, against net',
    atMost: 0.9,
    value: against('roundtrip', 'connection 16', 'net', 'cpu'),
  },
  {
    what: 'round trip p50, 1 in flight, loops kept turning by setImmediate, against net',
    atMost: 0.9,
    value: against('roundtrip', 'connection setImmediate 1', 'net', 'p50'),
  },
  {
    what: 'round trip p50, 1 in flight, busyPoll: 200, against net without it',
    atMost: 0.15,
    value: against('roundtrip', 'connection busyPoll 200 1', 'net', 'p50'),
  },
  {
    what: 'round trip p50, 1 in flight, busyPoll: 200, against C that spins on recv(MSG_DONTWAIT)',
    atMost: 1.2,
    value: against('roundtrip', 'connection busyPoll 200 1', 'c-spin', 'p50'),
  },
  { what: 'connect, message, close, against net', atLeast: 2, value: against('connect', 'connect', 'net', 'rate') },
  { what: 'RSS of an idle connection, against net', atMost: 0.5, value: against('idle', 'idle', 'net', 'rss') },
  {
    what: 'receiver CPU a message, 1,000 connections against 1',
    atMost: 1.15,
    value: between('fanin', '1000 clients', '1 clients', 'receiverCpu'),
  },
  { what: 'CPU of an idle process, ms/s', atMost: 2, value: plain('stopped', 'stopped nothing to send', 'cpu') },
  { what: 'CPU with a stopped peer, seqpacket, ms/s', atMost: 2, value: plain('stopped', 'stopped seqpacket', 'cpu') },
  {
    what: 'CPU with a stopped peer, connected datagrams, ms/s',
    atMost: 2,
    value: plain('stopped', 'stopped datagrams, connected', 'cpu'),
  },
  {
    what: 'CPU with a stopped peer, unconnected datagrams, ms/s',
    atMost: 2,
    value: plain('stopped', 'stopped datagrams, unconnected', 'cpu'),
  },
  {
    what: 'timer under a flood of connections, late by, max ms',
    atMost: 5,
    value: plain('fairness', 'fairness seqpacket', 'timerMax'),
  },
  {
    what: 'timer under a flood of datagrams, late by, max ms',
    atMost: 5,
    value: plain('fairness', 'fairness dgram', 'timerMax'),
  },
  { what: 'require(), against 0.2.7', atMost: 0.7, value: against('load', 'load', '0.2.7', 'require') },
];
