module.exports = require('node-unix-socket/unix-dgram-queued');
