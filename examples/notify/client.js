'use strict';

/**
 * The service side of sd_notify(3). `notify()` resolves to false if NOTIFY_SOCKET is not set.
 * Run as a program it is a service that reports that it is ready and that it stops.
 */

const { once } = require('events');
const { DgramSocket, createSocketPair } = require('../..'); // in your program: require('node-unix-socket')

function send(message, options = {}) {
  const target = process.env.NOTIFY_SOCKET;
  if (!target) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    const socket = new DgramSocket();
    socket.send(message, target.replace(/^@/, '\0'), options, (err) => {
      socket.close();
      if (err) reject(err);
      else resolve(true);
    });
  });
}

/** For example notify({ READY: 1, STATUS: 'serving' }). */
function notify(fields) {
  return send(
    Object.entries(fields)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  );
}

/** Resolves when the supervisor has read all earlier messages: it then closes the descriptor that is sent with BARRIER=1. */
async function barrier() {
  const [ours, theirs] = createSocketPair('seqpacket');
  const told = await send('BARRIER=1', { fds: [theirs.fd] });
  theirs.destroy(); // the duplicate in the message is the last descriptor
  if (told) await once(ours, 'end');
  ours.destroy();
  return told;
}

module.exports = { notify, barrier };

if (require.main === module) {
  (async () => {
    await notify({ READY: 1, STATUS: 'serving', MAINPID: process.pid });
    await notify({ STOPPING: 1 });
    await barrier(); // so that the supervisor can look this process up by its pid before it exits
  })();
}
