'use strict';
// Methods, arguments, events and properties of sockets; processes that use them.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { eventually, once } = require('../../helpers');
const { DgramSocket } = require('../../helpers/lib').lib;
const { FULL, comparePrograms, compareScenarios } = require('./compare');

compareScenarios({
  "an error without an 'error' listener is thrown by the call"(world) {
    const { at } = world.receiver('r');
    const missing = world.path('missing/s');
    const quiet = (name) => world.recorded(name, ['listening', 'connect', 'congestion', 'writable']);
    world.call('bind', () => quiet('a').bind(missing));
    world.call('bind', () => quiet('b').bind(at));
    world.call('connect', () => quiet('c').connect(missing));
    const client = quiet('d');
    world.call('send', () => client.send(Buffer.from('x'), 0, 1, missing));
    world.call('long', () => client.send(Buffer.alloc(1000000), 0, 1000000, at));
    world.call('connect', () => client.connect(at));
    world.call('long', () => client.send(Buffer.alloc(1000000)));
    for (let i = 0; i < FULL + 1; i++) world.call('send', () => client.send(Buffer.from('x')));
  },

  'what a callback or listener throws is thrown by the call'(world) {
    const { at } = world.receiver('r');
    const client = world.open('client');
    const thrower = (name) => () => {
      throw new Error(name);
    };
    client.on('error', thrower('listener of error'));
    client.on('listening', thrower('listener of listening'));
    client.on('connect', thrower('listener of connect'));
    client.on('congestion', thrower('listener of congestion'));
    world.call('bind', () => client.bind(world.path('client')));
    world.call('bind', () => client.bind(world.path('missing/s')));
    world.call('sent', () => client.send(Buffer.from('x'), 0, 1, at, thrower('callback')));
    world.call('failed', () => client.send(Buffer.from('x'), 0, 1, world.path('missing'), thrower('callback')));
    world.call('failed', () => client.send(Buffer.from('x'), 0, 1, world.path('missing')));
    world.call('connect', () => client.connect(at));
    for (let i = 1; i < FULL + 1; i++) world.call('sent', () => client.send(Buffer.from('x'), thrower('callback')));
    world.call('refused', () => client.send(Buffer.from('x')));
  },

  'callbacks that send, and that close'(world) {
    const { at, take } = world.receiver('r');
    const client = world.connected('client', at);
    client.send(Buffer.from('outer'), () => {
      world.call('inner', () => client.send(Buffer.from('inner'), world.callback('inner')));
      client.close();
      world.call('closed', () => client.send(Buffer.from('closed'), world.callback('closed')));
    });
    world.log(`${take()} ${take()} ${client.fd}`);
  },

  'methods after close()'(world) {
    const { at } = world.receiver('r');
    const client = world.connected('client', at);
    world.call('close', () => client.close());
    world.log(`fd ${client.fd} connected ${client.connected}`);
    world.call('send', () => client.send(Buffer.from('x'), world.callback('x')));
    world.call('send', () => client.send(Buffer.from('x')));
    world.call('bind', () => client.bind(world.path('client')));
    world.call('connect', () => client.connect(at));
    const unconnected = world.open('unconnected');
    unconnected.close();
    world.call('send', () => unconnected.send(Buffer.from('x'), 0, 1, at, world.callback('x')));
    world.call('send', () => unconnected.send(Buffer.from('x'), 0, 1, at));
  },

  'the form of send() depends on the connection'(world) {
    const peer = world.receiver('peer');
    const other = world.receiver('other');
    const client = world.recorded('client');
    world.call('not connected', () => client.send(Buffer.from('x'), world.callback('x')));
    world.call('no path', () => client.send(Buffer.from('x'), 0, 1));
    client.connect(world.path('missing'));
    world.call('not connected', () => client.send(Buffer.from('x'), world.callback('x')));
    client.connect(peer.at);
    world.call('path', () => client.send(Buffer.from('whole'), 1, 2, other.at, world.callback('path')));
    world.call('sendto', () => client.sendto(Buffer.from('whole'), 1, 2, other.at, world.callback('path')));
    world.log(`${peer.take()} ${peer.take()}`);
    client.connect(other.at);
    client.send(Buffer.from('elsewhere'));
    world.log(other.take());
  },

  'offsets, lengths and views'(world) {
    const { at, take } = world.receiver('r');
    const client = world.recorded('client');
    const bytes = Buffer.from('0123456789');
    for (const [offset, length] of [
      [0, 10],
      ['1', '2'],
      [3.9, 2.9],
      [undefined, undefined],
      [null, 4],
      [NaN, 1],
      [10, 0],
    ]) {
      world.call(`${offset} ${length}`, () => client.send(bytes, offset, length, at));
      world.log(`"${take()}"`);
    }
    const { buffer, byteOffset } = bytes;
    for (const view of [new Uint8Array(buffer, byteOffset, 4), new DataView(buffer, byteOffset + 1, 6)]) {
      world.call('view', () => client.send(view, 1, 2, at));
      world.log(take());
    }
    client.connect(at);
    for (const view of [new Uint16Array([0x3030, 0x3131]), new DataView(buffer, byteOffset + 1, 6), Buffer.alloc(0)]) {
      world.call('view', () => client.send(view));
      world.log(`"${take()}"`);
    }
  },

  'names that are long, empty, or contain a null byte'(world) {
    const long = path.join(world.folder, 'n'.repeat(200));
    const client = world.recorded('client');
    for (const name of [long, `${world.path('cut')}\0tail`, '\0', '']) {
      const shown = name.length < 150 ? JSON.stringify(name) : 'long';
      const server = world.recorded('server');
      world.call(`bind ${shown}`, () => server.bind(name));
      world.call(`send ${shown}`, () => client.send(Buffer.from('x'), 0, 1, name, world.callback('sent')));
      world.call('connect', () => world.recorded('other').connect(name));
      server.close();
    }
    world.log(
      fs
        .readdirSync(world.folder)
        .map((name) => name.replace(/n+$/, 'n'))
        .sort()
        .join(),
    );
    const cut = fs.readdirSync(world.folder).find((name) => name.startsWith('n'));
    assert.equal(world.path(cut).length, 107);
  },

  async 'messages and their senders'(world) {
    const got = [];
    const server = world.open('server', function (data, info) {
      assert.equal(this, server);
      got.push(`${data.length} ${data.subarray(0, 5)} ${JSON.stringify(info)} ${Buffer.isBuffer(data)}`);
    });
    server.bind(world.path('server'));
    const named = world.open('named');
    named.bind(world.path('named'));
    const abstract = new DgramSocket();
    world.t.after(() => abstract.close());
    abstract.bind();
    for (const [index, sender] of [named, world.open('unnamed'), named].entries()) {
      for (const size of [5, 0, 65536])
        await new Promise((resolve) => {
          sender.send(Buffer.alloc(size, `${index}`), 0, size, world.path('server'), resolve);
        });
      await eventually(() => got.length === 3 * (index + 1));
    }
    abstract.send('abstract', world.path('server'));
    await eventually(() => got.length === 10);
    for (const line of got) world.log(line);
  },

  'properties of a socket'(world) {
    const { at } = world.receiver('r');
    const socket = world.unix.createSocket('unix_dgram', 'no function');
    const own = () => Object.keys(socket).filter((key) => !key.startsWith('_'));
    const keys = () => world.log(`${own().sort()} connected ${socket.connected} type ${socket.type}`);
    keys();
    socket.on('connect', function () {
      world.log(`listener: ${this === socket} ${socket.connected}`);
    });
    socket.connect(at);
    keys();
    socket.close();
    keys();
    world.log(`listeners ${socket.eventNames()}`);
    for (const type of ['unix_stream', undefined, null, 7])
      world.call(`createSocket ${type}`, () => world.unix.createSocket(type));
  },

  async 'listeners that close'(world) {
    const { at, take } = world.receiver('r');
    const client = world.connected('client', at);
    client.on('writable', () => client.close());
    for (let i = 0; i < FULL + 1; i++) client.send(Buffer.from(`m${i}`));
    take();
    await once(client, 'writable');
    const server = world.open('server', (data) => {
      world.log(`message ${data}`);
      server.close();
    });
    server.bind(world.path('server'));
    const sender = world.open('sender');
    for (let i = 0; i < 3; i++) sender.send(Buffer.from(`m${i}`), 0, 2, world.path('server'));
    await eventually(() => server.fd < 0);
    world.call('send', () => sender.send(Buffer.from('x'), 0, 1, world.path('server'), world.callback('x')));
  },
});

comparePrograms({
  'a process with an open socket': (unix) => {
    const socket = unix.createSocket('unix_dgram');
    setTimeout(() => {
      console.log('still there');
      socket.close();
    }, 100).unref();
  },

  'no descriptor is left for a socket': (unix) => {
    unix.createSocket('unix_dgram').close();
    const fs = require('fs');
    const open = [];
    try {
      for (;;) open.push(fs.openSync('/dev/null'));
    } catch (_err) {
      // The limit of this process.
    }
    try {
      unix.createSocket('unix_dgram');
    } catch ({ message, code, errno, syscall }) {
      console.log(message, code, errno, syscall);
    }
    for (const fd of open) fs.closeSync(fd);
  },

  'exceptions of listeners': (unix) => {
    process.on('uncaughtException', ({ message }) => console.log(message));
    const receiver = unix.createSocket('unix_dgram', (data) => {
      if (String(data) === 'end') return receiver.close();
      throw new Error(`listener of message ${data}`);
    });
    receiver.bind('r');
    const client = unix.createSocket('unix_dgram');
    client.on('writable', () => {
      client.send(Buffer.from('end'), (err) => console.log(err));
      client.close();
      throw new Error('listener of writable');
    });
    client.connect('r');
    let congested = false;
    client.on('congestion', () => {
      congested = true;
    });
    while (!congested) client.send(Buffer.from('x'));
  },
});
