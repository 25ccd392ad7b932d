'use strict';

/** Receiver and sender of syslog over a unix datagram socket such as /dev/log. Formats: RFC 5424 and the older RFC 3164. */

const { EventEmitter } = require('events');
const { DgramSocket } = require('../..'); // in your program: require('node-unix-socket')

const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const FACILITIES = 'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock'.split(' ');
for (let i = 0; i < 8; i++) FACILITIES.push(`local${i}`);

const PRIORITY = /^<(\d{1,2}|1[0-8]\d|19[01])>/;
const RFC5424 = /^1 (\S+) (\S+) (\S+) (\S+) (\S+) (-|(?:\[(?:[^"\]]|"(?:\\.|[^"\\])*")*\])+)(?: (.*))?$/s;
// RFC 3164, 'Nov 22 23:20:28 [host] tag[pid]: text'; local senders omit the host.
const RFC3164 = /^(\w{3} [ \d]\d \d\d:\d\d:\d\d) (?:([^\s:[\]]+) )?([^\s:[\]]+)(?:\[(\d+)\]:?|:) ?(.*)$/s;

/** Parses a message. If it has neither format, the result has only `text`, facility and severity. */
function parse(message) {
  const line = message.toString();
  const [prefix, value] = PRIORITY.exec(line) || ['', '13']; // RFC 3164: the default is user.notice
  const priority = { facility: FACILITIES[value >> 3], severity: SEVERITIES[value & 7] };
  const rest = line.slice(prefix.length);
  let found = RFC5424.exec(rest);
  if (found) {
    const [time, host, app, pid, id, data, text = ''] = found.slice(1).map((word) => (word === '-' ? undefined : word));
    return { ...priority, time, host, app, pid, id, data, text: text.replace(/^\ufeff/, '') };
  }
  found = RFC3164.exec(rest);
  if (!found) return { ...priority, text: rest };
  const [time, host, app, pid, text] = found.slice(1);
  return { ...priority, time, host, app, pid, text };
}

/** Formats a message as RFC 5424. */
function format({
  facility = 'user',
  severity = 'notice',
  time = new Date().toISOString(),
  host,
  app,
  pid,
  id,
  data,
  text,
}) {
  const priority = FACILITIES.indexOf(facility) * 8 + SEVERITIES.indexOf(severity);
  return `<${priority}>1 ${[time, host, app, pid, id, data].map((word) => word || '-').join(' ')} ${text}`;
}

/** Events: message(parsed, raw) · error(err). */
class SyslogReceiver extends EventEmitter {
  constructor(path) {
    super();
    this.socket = new DgramSocket();
    this.socket.on('error', (err) => this.emit('error', err));
    this.socket.on('data', (message) => this.emit('message', parse(message), message));
    this.socket.bind(path, { mode: 0o666, unlinkStale: true, unlinkOnClose: true });
  }

  close() {
    this.socket.close();
  }
}

class SyslogSender {
  constructor(path, defaults = {}) {
    this.defaults = { pid: process.pid, ...defaults };
    this.path = path;
    this.socket = new DgramSocket();
  }

  /** Sends by path and does not connect(), so that it reaches a restarted daemon. */
  log(severity, text, cb) {
    return this.socket.send(format({ ...this.defaults, severity, text }), this.path, cb);
  }

  close() {
    this.socket.close();
  }
}

module.exports = { SyslogReceiver, SyslogSender, parse, format };
