'use strict';

/**
 * A DogStatsD receiver, like the unix socket of the Datadog agent. Clients send datagrams of one or more lines:
 *   name:value[:value...]|type[|@rate][|#tags][|c:container][|T timestamp]     a metric
 *   _e{title length,text length}:title|text[|...]                              an event
 *   _sc|name|status[|...]                                                      a service check
 */

const { EventEmitter } = require('events');
const { DgramSocket } = require('../..'); // in your program: require('node-unix-socket')

const TYPES = { c: 'count', g: 'gauge', ms: 'timing', h: 'histogram', d: 'distribution', s: 'set' };
const FIELDS = { d: 'time', h: 'host', k: 'key', p: 'priority', s: 'source', t: 'alert', m: 'message' };

const tagsOf = (parts) => {
  const found = parts.find((part) => part.startsWith('#'));
  return found ? found.slice(1).split(',') : [];
};

const fieldsOf = (parts) => {
  const named = parts.map((part) => /^([a-z]):(.*)$/s.exec(part)).filter((found) => found && FIELDS[found[1]]);
  return Object.fromEntries(named.map(([, letter, value]) => [FIELDS[letter], value.replace(/\\n/g, '\n')]));
};

function parseEvent(line) {
  const [head, titleLength, textLength] = /^_e\{(\d+),(\d+)\}:/.exec(line);
  const bytes = Buffer.from(line.slice(head.length)); // the lengths are in bytes
  const textStart = Number(titleLength) + 1;
  const textEnd = textStart + Number(textLength);
  const parts = bytes.toString('utf8', textEnd).split('|');
  return {
    kind: 'event',
    title: bytes.toString('utf8', 0, textStart - 1),
    text: bytes.toString('utf8', textStart, textEnd).replace(/\\n/g, '\n'),
    tags: tagsOf(parts),
    ...fieldsOf(parts),
  };
}

function parseCheck(line) {
  const [, name, status, ...parts] = line.split('|');
  return { kind: 'check', name, status: Number(status), tags: tagsOf(parts), ...fieldsOf(parts) };
}

function parseMetric(line) {
  const [head, type, ...parts] = line.split('|');
  const colon = head.indexOf(':');
  if (colon < 1 || !TYPES[type]) return null;
  const rate = parts.find((part) => part.startsWith('@'));
  const values = head.slice(colon + 1).split(':');
  return {
    kind: TYPES[type],
    name: head.slice(0, colon),
    values: type === 's' ? values : values.map(Number),
    rate: rate ? Number(rate.slice(1)) : 1,
    tags: tagsOf(parts),
  };
}

/** Parses one line. Returns null if it is none of the three. */
function parse(line) {
  if (/^_e\{\d+,\d+\}:/.test(line)) return parseEvent(line);
  return line.startsWith('_sc|') ? parseCheck(line) : parseMetric(line);
}

/** Events: metric(parsed) · malformed(line) · error(err). */
class DogStatsD extends EventEmitter {
  constructor(path) {
    super();
    this.socket = new DgramSocket();
    this.socket.on('error', (err) => this.emit('error', err));
    this.socket.on('data', (message) => {
      for (const line of message.toString().split('\n').filter(Boolean)) {
        const parsed = parse(line);
        if (parsed) this.emit('metric', parsed);
        else this.emit('malformed', line);
      }
    });
    this.socket.bind(path, { mode: 0o666, unlinkStale: true, unlinkOnClose: true });
    this.socket.setRecvBufferSize(4 * 1024 * 1024);
  }

  close() {
    this.socket.close();
  }
}

module.exports = { DogStatsD, parse };
