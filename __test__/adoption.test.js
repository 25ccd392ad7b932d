'use strict';
// Adopting descriptors: new DgramSocket({ fd }), new SeqpacketSocket({ fd }) or (fd).

const { test } = require('node:test');
const assert = require('node:assert');
const { deadline, once, sockPath } = require('./helpers');
const { closing, messages, pair, sent, texts } = require('./helpers/sockets');
const { isOpen, openFile } = require('./helpers/files');
const { lib } = require('./helpers/lib');

const options = { timeout: deadline };

test('a received socket can be adopted', options, async (t) => {
  const [a, b] = pair(t, 'seqpacket', { receiveFds: true });
  const [c, d] = pair(t, 'seqpacket');
  a.write('yours', { fds: [d.fd] });
  const [{ info }] = await messages(b, 1);
  d.destroy();
  const adopted = closing(t, new lib.SeqpacketSocket({ fd: info.fds[0] }));
  assert.strictEqual(adopted.fd, info.fds[0]);
  await sent(c, 'still there');
  assert.deepStrictEqual(await texts(adopted, 1), ['still there']);
  adopted.destroy();
  await once(adopted, 'close');
  assert.ok(!isOpen(info.fds[0]));
});

test('descriptors for adoption: validated, and left untouched where they do not fit', options, async (t) => {
  const [c, d] = pair(t, 'dgram');
  const stream = require('node:net').createServer().listen(sockPath(t));
  t.after(() => stream.close());
  const file = openFile(t);
  const fits = { [c.fd]: lib.DgramSocket };
  for (const Class of [lib.SeqpacketSocket, lib.DgramSocket]) {
    for (const fd of [file, stream._handle.fd, c.fd].filter((number) => fits[number] !== Class)) {
      assert.throws(
        () => new Class({ fd }),
        (err) => typeof err.code === 'string',
      );
      assert.ok(isOpen(fd));
    }
    assert.throws(() => new Class({ fd: 19999 }), { code: 'EBADF' });
    for (const fd of [-1, 1.5, NaN, 2 ** 31]) assert.throws(() => new Class({ fd }), { code: 'ERR_OUT_OF_RANGE' });
    for (const fd of ['3', {}, true]) assert.throws(() => new Class({ fd }), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  await sent(c, 'unharmed');
  assert.deepStrictEqual(await texts(d, 1), ['unharmed']);
});
