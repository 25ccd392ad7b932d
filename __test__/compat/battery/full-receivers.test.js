'use strict';
// Sending to receivers that are full, missing or closed.

const { once } = require('../../helpers');
const { FULL, compareScenarios } = require('./compare');

compareScenarios({
  'results of send() to a connected peer'(world) {
    const { at, take } = world.receiver('r');
    const client = world.connected('client', at);
    for (let i = 0; i < FULL + 3; i++)
      world.call(`send ${i}`, () => client.send(Buffer.from(`m${i}`), world.callback(i)));
    world.call('send', () => client.send(Buffer.from('no callback')));
    for (let i = 0; i < 3; i++) {
      world.log(take());
      world.call(`again ${i}`, () => client.send(Buffer.from(`again${i}`), world.callback(i)));
      world.call(`again ${i}`, () => client.send(Buffer.from(`again${i}`), world.callback(i)));
    }
  },

  'results of send() to names: a full receiver, none, and one that has room'(world) {
    const full = world.receiver('full');
    const other = world.receiver('other');
    const client = world.recorded('client');
    const message = Buffer.from('message');
    for (let i = 0; i < FULL + 2; i++) {
      for (const name of ['full', 'missing', ...(i % 3 === 0 ? ['other'] : [])]) {
        const what = `${name} ${i}`;
        const to = world.path(name);
        world.call(what, () => client.send(message, 0, message.length, to, world.callback(what)));
        if (i % 2 === 0) world.call(what, () => client.sendto(message, 1, 3, to));
      }
    }
    world.log(full.take());
    world.call('room', () => client.send(message, 0, 7, full.at, world.callback('room')));
    world.log(other.take());
  },

  "'congestion' for each message that is refused, 'writable' once when there is room"(world) {
    const { at, take } = world.receiver('r');
    const client = world.connected('client', at);
    for (let i = 0; i < FULL + 3; i++) client.send(Buffer.from(`m${i}`));
    const turns = async () => {
      for (let i = 0; i < 20; i++) await new Promise(setImmediate);
      world.log('later');
    };
    return (async () => {
      await turns();
      world.log(take());
      await once(client, 'writable');
      await turns();
      client.send(Buffer.from('one more'), world.callback('one more'));
      client.send(Buffer.from('too many'), world.callback('too many'));
      for (let i = 0; i < FULL; i++) world.log(take());
      client.send(Buffer.from('in the same tick'), world.callback('in the same tick'));
      await once(client, 'writable');
      await turns();
    })();
  },

  async 'messages that use up the send buffer'(world) {
    const { at, take } = world.receiver('r');
    const client = world.connected('client', at);
    const large = Buffer.alloc(100000, 'x');
    for (let i = 0; i < 5; i++) client.send(large, world.callback(i));
    world.call('to a name', () => world.recorded('other').send(large, 0, large.length, at, world.callback('other')));
    for (let i = 0; i < 3; i++) world.log(`${take().length}`);
    await once(client, 'writable');
    client.send(large, world.callback('again'));
  },

  "'congestion' and close(): no event follows"(world) {
    const { at, take } = world.receiver('r');
    const client = world.connected('client', at);
    const other = world.connected('other', at);
    for (let i = 0; i < FULL + 1; i++) client.send(Buffer.from(`m${i}`));
    other.send(Buffer.from('refused'));
    client.close();
    const writable = once(other, 'writable');
    take();
    return writable; // an event of `client` would have been emitted before it
  },

  'a peer that closes, with and without messages that were refused'(world) {
    const first = world.receiver('first');
    const client = world.connected('client', first.at);
    first.socket.close();
    for (let i = 0; i < 3; i++) world.call(`closed ${i}`, () => client.send(Buffer.from('x'), world.callback(i)));
    world.call('closed', () => client.send(Buffer.from('x')));
    const second = world.receiver('second');
    world.call('connect', () => client.connect(second.at));
    for (let i = 0; i < FULL + 1; i++) client.send(Buffer.from(`m${i}`));
    const writable = once(client, 'writable');
    second.socket.close();
    return writable.then(() => world.call('closed', () => client.send(Buffer.from('x'), world.callback('x'))));
  },
});
