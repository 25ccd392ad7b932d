'use strict';
// Ids of callbacks, which start again at 1 after 0x7fffffff messages.

const test = require('node:test');
const assert = require('node:assert');
const { stateOf } = require('../../../js/state');
const { deadline, sockPath } = require('../../helpers');
const { dgram, fill, sent } = require('../../helpers/sockets');

test('a callback that is pending when the ids start again is called', { timeout: deadline }, async (t) => {
  const [slow, other] = [sockPath(t), sockPath(t)].map((path) => dgram(t, path, { paused: true }));
  const sender = dgram(t);
  fill(sender, 10, slow.address());
  const first = sent(sender, 'first', slow.address());
  for (let i = 0; i < 1000; i++) sender.send('x', other.address());
  stateOf(sender).lastId = 0x7fffffff;
  const second = sent(sender, 'second', other.address());
  for (const receiver of [slow, other]) receiver.on('data', () => {}).resume();
  assert.deepStrictEqual(await Promise.all([first, second]), [undefined, undefined]);
});
