"""A child process of parent.js: does what child.js does, with the socket module of python."""

import json
import os
import socket

sock = socket.socket(fileno=3)
sock.setblocking(True)  # the parent created it as non-blocking
while request := sock.recv(65536):
    sock.send(json.dumps({'pid': os.getpid(), 'sum': sum(json.loads(request))}).encode())
