'use strict';

/** Functions for the tests of SO_REUSEPORT. */
const net = require('node:net');
const os = require('node:os');
const { deadline } = require('.');

const hasIPv6 = Object.values(os.networkInterfaces())
  .flat()
  .some(({ address }) => address === '::1');

/** Options of a test that needs IPv6. */
const ipv6 = { timeout: deadline, skip: !hasIPv6 && 'no IPv6' };

/** Connects to a server. Resolves to everything it sends. */
async function answer(port, host = '127.0.0.1') {
  const socket = net.connect({ port, host });
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

module.exports = { answer, ipv6 };
