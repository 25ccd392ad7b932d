'use strict';
// Reading and writing an end through its async iterator and its stream.

const { check } = require('./route');

const turn = () => new Promise(setImmediate);
const planned = () => Object.assign(new Error('planned'), { planned: true, code: 'PLANNED' });

/** Receives an item of an iterator; on a connection the item is the data only. */
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

/** Several pending calls of next(), then return() or throw(), which `leave` names. */
async function calls(end, count, leave) {
  const iterator = end.socket[Symbol.asyncIterator]();
  const each = Array.from({ length: count }, async () => {
    const { value, done } = await iterator.next();
    if (!done) take(end, value);
  });
  // Rejections are checked below.
  const all = Promise.allSettled(each);
  await turn();
  if (leave === 'return') await iterator.return();
  else
    await iterator.throw(planned()).then(
      () => check(false, 'throw() resolved'),
      (err) => check(err.planned, err),
    );
  for (const { reason } of await all) if (reason !== undefined) failed(end, reason);
  check((await iterator.next()).done, 'an iterator continues after return() or throw()');
}

/** Checks the error of a loop: a planned exception of its body, or an error of the socket. */
function failed(end, err) {
  if (err.planned && err.code === undefined) end.world.thrown--;
  else if (typeof err.code !== 'string') throw err;
}

const LEAVE = { slice: 'return', parts: 'throw' };

/** Reads `count` messages with an iterator, then leaves it. */
async function iterate(end, { count, shape }) {
  end.wasListened = true;
  end.iterated = true;
  end.loops++;
  try {
    await (LEAVE[shape] ? calls(end, count, LEAVE[shape]) : loop(end, count));
  } catch (err) {
    end.world.guard(() => failed(end, err));
  }
  end.loops--;
}

/** Reads and writes through a stream from now on, which is the only reader then. */
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
