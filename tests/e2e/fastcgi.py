"""The web server's end of FastCGI, as slow as a test wants it: it sends a request straight to the program's socket."""

import glob
import os
import socket
import struct
import time

from client import PATH, Answer

BEGIN, PARAMS, STDIN, STDOUT = 1, 4, 5, 6


def record(kind, body=b""):
    return struct.pack(">BBHHBB", 1, kind, 1, len(body), 0, 0) + body


def pair(name, value):
    name, value = name.encode(), str(value).encode()
    lengths = b"".join(struct.pack(">B", n) if n < 128 else struct.pack(">I", n | 1 << 31) for n in map(len, (name, value)))
    return lengths + name + value


def sockets(instance):
    """Returns one socket of each FastCGI process."""
    return sorted(glob.glob(os.path.join(instance.folder, "run", "fcgi.sock*")))


class Request:
    """A POST whose body is sent piece by piece."""

    def __init__(self, path, length, seconds=60):
        env = {"REQUEST_METHOD": "POST", "REQUEST_URI": PATH, "SCRIPT_NAME": PATH, "SERVER_PROTOCOL": "HTTP/1.1",
               "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1", "CONTENT_TYPE": "text/xml", "HTTP_ACCEPT": "text/xml", "CONTENT_LENGTH": length}
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(seconds)
        self.socket.connect(path)
        self.began = time.monotonic()
        self.socket.sendall(record(BEGIN, struct.pack(">HB5x", 1, 0)) +
                            record(PARAMS, b"".join(pair(k, v) for k, v in env.items())) + record(PARAMS))

    def send(self, body):
        """Sends a piece of the body. Returns False when the program has closed the connection."""
        try:
            self.socket.sendall(record(STDIN, body))
            return True
        except OSError:
            return False

    def answer(self):
        """Waits for the answer's body. Returns (the answer, seconds since the request began)."""
        data, out = b"", b""
        while part := self.socket.recv(65536):
            data += part
            while len(data) >= 8 and len(data) >= 8 + int.from_bytes(data[4:6], "big") + data[6]:
                size, pad = int.from_bytes(data[4:6], "big"), data[6]
                kind, body, data = data[1], data[8:8 + size], data[8 + size + pad:]
                out += body if kind == STDOUT else b""
            head, _, rest = out.partition(b"\r\n\r\n")
            names = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
            if len(rest) >= int(names.get("content-length", 1)):
                return Answer(int(names["status"].split()[0]), names, rest), time.monotonic() - self.began
        raise OSError("closed without an answer")

    def close(self):
        self.socket.close()
