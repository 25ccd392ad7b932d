'use strict';
// Symbol.asyncDispose, AbortSignal, node:events, util.promisify, AsyncLocalStorage.

const { describe, test } = require('node:test');
const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const events = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');
const { promisify } = require('node:util');
const { deadline, once, sockPath } = require('../helpers');
const { client, closing, dgram, fill, numbered, pair, post, range, sent, serve, texts } = require('../helpers/sockets');
const { lib } = require('../helpers/lib');

const options = { timeout: deadline };
const { asyncDispose } = Symbol;

describe('Symbol.asyncDispose', { skip: asyncDispose === undefined && 'no Symbol.asyncDispose' }, () => {
  test("closes the socket and resolves after 'close', also if it is closed already", options, async (t) => {
    for (const open of [() => pair(t, 'seqpacket')[0], () => pair(t, 'dgram')[0], () => serve(t)]) {
      const emitter = open();
      let closed = false;
      emitter.on('close', () => {
        closed = true;
      });
      await emitter[asyncDispose]();
      assert.deepStrictEqual([closed, emitter.closed], [true, true]);
      await emitter[asyncDispose]();
    }
  });

  test('drops queued messages as close() does', options, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    b.pause();
    fill(a);
    const lost = assert.rejects(sent(a, 'x'), { code: 'ERR_SOCKET_CLOSED' });
    await a[asyncDispose]();
    await lost;
  });
});

describe('AbortSignal', () => {
  for (const Class of [lib.SeqpacketSocket, lib.DgramSocket]) {
    test(`${Class.name}: abort() emits 'error' with an AbortError, then 'close'`, options, async (t) => {
      for (const when of ['before', 'after']) {
        const controller = new AbortController();
        const reason = new Error('why');
        if (when === 'before') controller.abort(reason);
        const socket = closing(t, new Class({ signal: controller.signal }));
        const log = [];
        socket.on('error', (err) => log.push([err.name, err.code, err.cause]));
        socket.on('close', () => log.push('close'));
        if (when === 'after') controller.abort(reason);
        assert.deepStrictEqual(log, []);
        await once(socket, 'close').catch(() => once(socket, 'close'));
        assert.deepStrictEqual(log[1], 'close');
        assert.deepStrictEqual(log[0].slice(0, 2), ['AbortError', 'ABORT_ERR']);
        assert.strictEqual(socket.closed, true);
      }
    });

    test(`${Class.name}: close() removes the listener from the signal`, options, async (t) => {
      const { signal } = new AbortController();
      const socket = closing(t, new Class({ signal }));
      assert.strictEqual(events.getEventListeners(signal, 'abort').length, 1);
      socket.close();
      await once(socket, 'close');
      assert.strictEqual(events.getEventListeners(signal, 'abort').length, 0);
    });
  }

  test('closing a server, and connecting with connect(), remove the listener from the signal', options, async (t) => {
    const { signal } = new AbortController();
    const server = serve(t, { signal });
    const connection = once(server, 'connection');
    const socket = closing(t, new lib.SeqpacketSocket());
    socket.connect({ path: server.address(), signal });
    closing(t, (await connection)[0]);
    server.close();
    socket.destroy();
    await Promise.all([once(server, 'close'), once(socket, 'close')]);
    assert.strictEqual(events.getEventListeners(signal, 'abort').length, 0);
  });

  test('a value that is no AbortSignal throws ERR_INVALID_ARG_TYPE', options, () => {
    for (const Class of [lib.SeqpacketSocket, lib.DgramSocket]) {
      for (const signal of [{}, 7, 'x', new AbortController()]) {
        assert.throws(() => new Class({ signal }), { code: 'ERR_INVALID_ARG_TYPE' });
      }
    }
  });
});

describe('events and promisify', () => {
  test('events.on() yields every message', options, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    for (const i of range(50)) post(a, String(i));
    let next = 0;
    for await (const [data, info] of events.on(b, 'data')) {
      assert.deepStrictEqual([data.toString(), info.size], [String(next), String(next).length]);
      if (++next === 50) break;
    }
  });

  test("events.once() rejects on 'error'", options, async (t) => {
    const [a] = pair(t, 'seqpacket');
    const waiting = once(a, 'data');
    a.destroy(new Error('broken'));
    await assert.rejects(waiting, /broken/);
  });

  test('util.promisify() works on write, send, sendTo, end and close', options, async (t) => {
    const [a, b] = pair(t, 'seqpacket');
    const write = promisify(a.write).bind(a);
    await write('message');
    await write(Buffer.from('a slice'), 2, 5);
    await write('with options', {});
    await assert.rejects(write(Buffer.alloc(a.getSendBufferSize() * 2)), { code: 'EMSGSIZE' });
    await promisify(a.end).call(a);
    assert.deepStrictEqual(await texts(b, 3), ['message', 'slice', 'with options']);

    const receiver = dgram(t, sockPath(t));
    const sender = dgram(t);
    const send = promisify(sender.send).bind(sender);
    await send('1', receiver.address());
    await promisify(sender.sendTo).call(sender, Buffer.from('x2x'), 1, 1, receiver.address());
    await assert.rejects(send('x', sockPath(t)), { code: 'ENOENT' });
    assert.deepStrictEqual(await texts(receiver, 2), ['1', '2']);
    await promisify(sender.close).call(sender);
    assert.strictEqual(sender.closed, true);
  });
});

describe('AsyncLocalStorage', () => {
  const storage = new AsyncLocalStorage();
  const here = () => storage.getStore();

  for (const type of ['seqpacket', 'dgram']) {
    test(`${type}: events have the context of the socket, callbacks the context of the call`, options, async (t) => {
      const [a, b] = storage.run('socket', () => pair(t, type, { writableHighWaterMark: 1 }));
      const seen = {};
      const note = (name) => () => {
        seen[name] = here();
      };
      for (const name of ['data', 'drain', 'close']) {
        a.on(name, note(name));
        b.on(name, note(name));
      }
      b.pause();
      await storage.run(
        'immediate',
        () => new Promise((resolve) => post(a, 'x', (_err) => resolve(note('immediate')()))),
      );
      fill(a);
      const queued = storage.run(
        'queued',
        () => new Promise((resolve) => post(a, numbered(0), (_err) => resolve(note('queued')()))),
      );
      const drain = once(a, 'drain');
      b.resume();
      await Promise.all([queued, drain]);
      const close = once(a, 'close');
      storage.run('elsewhere', () => a.close());
      await close;
      assert.deepStrictEqual(seen, {
        immediate: 'immediate',
        queued: 'queued',
        data: 'socket',
        drain: 'socket',
        close: seen.close,
      });
      assert.ok(['socket', 'elsewhere'].includes(seen.close), seen.close);
    });
  }

  test('events of a server and of its connections have the context of the server', options, async (t) => {
    const server = storage.run('server', () => serve(t));
    const seen = new Promise((resolve) => {
      server.on('connection', (peer) => {
        closing(t, peer);
        const accepted = here();
        peer.on('data', () => resolve([accepted, here()]));
      });
    });
    const socket = storage.run('client', () => client(t, server.address()));
    const connect = new Promise((resolve) => socket.on('connect', () => resolve(here())));
    await sent(socket, 'x');
    assert.deepStrictEqual(await seen, ['server', 'server']);
    assert.strictEqual(await connect, 'client');
  });

  test('promises and timers that begin in a listener keep the context', options, async (t) => {
    const [a, b] = storage.run('socket', () => pair(t, 'dgram'));
    const seen = new Promise((resolve) => {
      b.on('data', async () => {
        await sleep(1);
        resolve(here());
      });
    });
    await sent(a, 'x');
    assert.strictEqual(await seen, 'socket');
  });
});
