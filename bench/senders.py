"""The Python contestant of the row `senders`: non-blocking datagram sockets and epoll.

python3 senders.py senders ROLE JSON, with the roles of rows/senders.js, the meter of lib/meter.js and the lines of lib/peer.js.
"""
import json
import resource
import select
import socket
import sys
import time

_, ROLE, PARAMS = sys.argv[1:]
params = json.loads(PARAMS)
PATH, SIZE, SENDERS = params['path'], params['size'], params['senders']
HEAD = 2
BODY = SIZE - HEAD
bodies = [bytes((turn + i) & 255 for i in range(BODY)) for turn in range(256)]


def say(line):
    print(line, flush=True)


def hear(verb):
    """Waits for a line that starts with `verb` and returns what follows. Exits if the runner has exited."""
    while True:
        line = sys.stdin.readline()
        if not line:
            sys.exit()
        if line.split()[0] == verb:
            return line[len(verb):].strip()


class Meter:
    def __init__(self):
        self.count = 0
        self.began = self.start = self.end = None

    def tick(self):
        self.count += 1
        if self.count & 63 == 1:
            self.look()

    def snapshot(self):
        used = resource.getrusage(resource.RUSAGE_SELF)
        return time.monotonic(), (used.ru_utime + used.ru_stime) * 1e6, self.count

    def look(self):
        if self.end:
            return
        at = time.monotonic()
        self.began = self.began or at
        if not self.start:
            if at - self.began >= params['warmup'] / 1e3:
                self.start = self.snapshot()
        elif at - self.start[0] >= params['duration'] / 1e3:
            self.end = self.snapshot()

    def report(self, **more):
        start, end = self.start or self.snapshot(), self.end or self.snapshot()
        with open('/proc/self/status', encoding='ascii') as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith('VmHWM'))
        figures = {'seconds': end[0] - start[0], 'cpu': end[1] - start[1], 'count': end[2] - start[2]}
        say('report ' + json.dumps({**figures, 'peakRss': peak * 1024, 'total': self.count, **more}))


meter = Meter()


class Reader:
    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(PATH)
        self.socket.setblocking(False)
        self.turns = bytearray(SENDERS)
        self.bad = self.gaps = 0

    def drain(self):
        """Receives until the queue is empty."""
        recv, turns = self.socket.recv, self.turns
        try:
            while True:
                message = recv(SIZE + 1)
                turn = message[HEAD]
                source = message[0] | message[1] << 8
                if len(message) != SIZE or message[-1] != (turn + BODY - 1) & 255:
                    self.bad += 1
                elif turn != turns[source]:
                    self.gaps += 1
                turns[source] = (turn + 1) & 255
                meter.tick()
        except BlockingIOError:
            pass

    def finish(self, poller, sent=None):
        """Receives until as many messages have arrived as were sent, or none for two seconds, and reports."""
        last = time.monotonic()
        while sent is None or (meter.count < sent and time.monotonic() - last < 2):
            for descriptor, _ in poller.poll(0.05):
                if descriptor == sys.stdin.fileno():
                    sent = int(hear('told'))
                    poller.unregister(sys.stdin)
                else:
                    self.drain()
                    last = time.monotonic()
        meter.report(sent=sent, lost=sent - meter.count, bad=self.bad, gaps=self.gaps, errors=0)


def receive(poller):
    reader = Reader()
    poller.register(reader.socket, select.EPOLLIN)
    say('ready')
    hear('go')
    poller.register(sys.stdin, select.EPOLLIN)
    reader.finish(poller)


def send(poller, reader=None):
    sockets = {}
    for i in range(SENDERS):
        one = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        one.setblocking(False)
        one.connect(PATH)
        sockets[one.fileno()] = one.send, i.to_bytes(HEAD, 'little')
    say('ready')
    hear('go')
    sent = turn = 0
    while not meter.end:
        body = bodies[turn & 255]
        turn += 1
        for descriptor in sockets:
            poller.register(descriptor, select.EPOLLOUT)
        left = SENDERS
        while left:
            for descriptor, _ in poller.poll():
                if descriptor not in sockets:
                    reader.drain()
                    continue
                out, head = sockets[descriptor]
                try:
                    out(head + body)
                except BlockingIOError:
                    continue
                poller.unregister(descriptor)
                left -= 1
                if not reader:
                    meter.tick()
        sent += SENDERS
    if reader:
        reader.finish(poller, sent)
    else:
        say(f'tell {sent}')
        meter.report(errors=0)


def both(poller):
    reader = Reader()
    poller.register(reader.socket, select.EPOLLIN)
    send(poller, reader)


{'receiver': receive, 'sender': send, 'both': both}[ROLE](select.epoll())
# Keep all descriptors open until the runner ends this process.
while sys.stdin.readline():
    pass
