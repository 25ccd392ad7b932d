'use strict';
const AT_ONCE = 64;

/**
 * Opens `count` connections, a few at a time so that the backlog does not fill. Calls `begin(socket, next)` for each one, which calls next() when
 * it is connected.
 */
function crowd(contestant, path, count, begin, done) {
  const sockets = [];
  let started = 0;
  let made = 0;
  const one = () => {
    started += 1;
    contestant.connect(path, (socket) => {
      sockets.push(socket);
      begin(socket, () => {
        made += 1;
        if (made === count) done(sockets);
        else if (started < count) one();
      });
    });
  };
  for (let i = 0; i < Math.min(AT_ONCE, count); i += 1) one();
}

module.exports = { crowd };
