'use strict';
// Other ways to read an end, and to write to it: its async iterator, and its stream.

const { check } = require('./route');

const turn = () => new Promise(setImmediate);
const planned = () => Object.assign(new Error('planned'), { planned: true, code: 'PLANNED' });

/** What an iterator yields: bytes alone, of a connection. */
function take(end, item) {
  if (end.dgram) end.receive(item.data, item.info, true);
  else end.receive(item, undefined, true);
}

async function loop(end, count) {
  let left = count;
  for await (const item of end.socket) {
    take(end, item);
    if (--left === 0) break;
  }
}

/** Several next() at once, of which some may wait for ever, but for `leave`. */
async function calls(end, count, leave) {
  const iterator = end.socket[Symbol.asyncIterator]();
  const each = Array.from({ length: count }, async () => {
    const { value, done } = await iterator.next();
    if (!done) take(end, value);
  });
  // Whoever fails is looked at below.
  const all = Promise.allSettled(each);
  await turn();
  if (leave === 'return') await iterator.return();
  else
    await iterator.throw(planned()).then(
      () => check(false, 'throw() resolved'),
      (err) => check(err.planned, err),
    );
  for (const { reason } of await all) if (reason !== undefined) failed(end, reason);
  check((await iterator.next()).done, 'an iterator goes on after it was left');
}

/** A loop ends by what its body throws, or by the socket's error. */
function failed(end, err) {
  if (err.planned && err.code === undefined) end.world.thrown--;
  else if (typeof err.code !== 'string') throw err;
}

const LEAVE = { slice: 'return', parts: 'throw' };

/** Reads `count` messages, in one of the ways, then leaves. */
async function iterate(end, { count, shape }) {
  end.wasListened = true;
  end.loops++;
  try {
    await (LEAVE[shape] ? calls(end, count, LEAVE[shape]) : loop(end, count));
  } catch (err) {
    end.world.guard(() => failed(end, err));
  }
  end.loops--;
}

/** Reads and writes by a stream from now on, which is then the only reader. */
function openStream(end) {
  const { socket, world } = end;
  let stream;
  try {
    stream = socket.toDuplex();
  } catch (err) {
    check(err.code === 'ERR_SOCKET_CLOSED' && socket.closed, `toDuplex threw ${err.stack}`);
    return;
  }
  check(!socket.closed, 'a stream over a closed socket');
  end.unlisten();
  end.stream = stream;
  end.wasListened = true;
  let ended = false;
  stream.on('data', (data) =>
    world.guard(() => {
      check(!ended, "'data' of a stream after its 'end'");
      end.receive(data, undefined, true);
    }),
  );
  stream.on('end', () => {
    ended = true;
  });
  stream.on('error', (err) =>
    world.guard(() => {
      end.dropped = true;
      check(typeof err.code === 'string', `a stream's error without a code: ${err.stack}`);
    }),
  );
}

module.exports = { iterate, openStream };
