"""A receiver at a path. Prints what arrived, as JSON, when nothing came for a while after a line on standard input.

python3 receiver.py PATH MODE: quick; slow (1.5 ms for each message); restart (at the 300th message it unlinks its path, reads
what has arrived, closes, and binds again after 200 ms); replace (another socket is renamed to the path, the old one reads
what has arrived and closes); stuck (reads nothing before the line on standard input).
"""
import json
import os
import re
import socket
import sys
import threading
import time

PATH, MODE = sys.argv[1:]
IDLE = 0.8
numbers = []
ending = threading.Event()


def bind(path):
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind(path)
    return receiver


def take(message):
    numbers.extend(int(number) for number in re.findall(rb'seq_(\d+)_', message))
    if MODE == 'slow':
        time.sleep(0.0015)


def read_rest(receiver):
    receiver.setblocking(False)
    try:
        while True:
            take(receiver.recv(65536))
    except BlockingIOError:
        receiver.close()


def wait_for_line():
    sys.stdin.readline()
    ending.set()


receiver = bind(PATH)
print('bound', flush=True)
threading.Thread(target=wait_for_line, daemon=True).start()
if MODE == 'stuck':
    ending.wait()
changed = False
while True:
    receiver.settimeout(IDLE)
    try:
        take(receiver.recv(65536))
    except TimeoutError:
        if ending.is_set():
            break
    if not changed and len(numbers) >= 300 and MODE in ('restart', 'replace'):
        changed = True
        if MODE == 'restart':
            os.unlink(PATH)
            read_rest(receiver)
            time.sleep(0.2)
            receiver = bind(PATH)
        else:
            another = bind(PATH + '.new')
            os.rename(PATH + '.new', PATH)
            read_rest(receiver)
            receiver = another
print(json.dumps(numbers))
