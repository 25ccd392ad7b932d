"""The peer of index.js. Uses only the socket module of python."""

import os
import socket
import struct
import sys

sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
sock.connect(sys.argv[1])

message, fds, _flags, _address = socket.recv_fds(sock, 1024, 1)
with os.fdopen(fds[0], 'rb') as file:
    sock.send(file.read())

read, write = os.pipe()
os.write(write, b'through a pipe of python')
socket.send_fds(sock, [b'a pipe'], [read, write])
os.close(read)
os.close(write)

if os.getuid() == 0:
    os.setresuid(65534, 65534, 65534)  # root may send forged credentials, so drop root
forged = struct.pack('3i', 1, 0, 0)  # pid 1, uid 0
try:
    sock.sendmsg([b'I am init'], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, forged)])
except PermissionError as error:
    sock.send(b'forged credentials: refused with ' + os.strerror(error.errno).encode())

sock.recv(1)  # wait until the peer ends
