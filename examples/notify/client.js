'use strict';

/**
 * The service's side of sd_notify(3). `notify()` resolves to false where no supervisor asked for it.
 * Run as a program it is a service that says it is ready, does its work and says that it stops.
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

/** notify({ READY: 1, STATUS: 'serving' }) */
function notify(fields) {
  return send(
    Object.entries(fields)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
  );
}

/** Resolves once the supervisor has read everything sent before: it closes the descriptor that goes with BARRIER=1. */
async function barrier() {
  const [ours, theirs] = createSocketPair('seqpacket');
  const told = await send('BARRIER=1', { fds: [theirs.fd] });
  theirs.destroy(); // the message holds a duplicate, the only one left
  if (told) await once(ours, 'end');
  ours.destroy();
  return told;
}

module.exports = { notify, barrier };

if (require.main === module) {
  (async () => {
    await notify({ READY: 1, STATUS: 'serving', MAINPID: process.pid });
    await notify({ STOPPING: 1 });
    await barrier(); // a supervisor that looks us up by pid has done so before we are gone
  })();
}
