#!/usr/bin/python3
"""A web server of media that behaves as badly as a test wants. It uses only the standard library and only loopback.

In a test:   server = MediaServer(); url = server.add("a/b.jpg", Resource(body, "image/jpeg"))
As program:  media_server.py [--port N] [--delay SECONDS] DIR   serves the files of DIR until it is ended

Everything is bounded: an endless body ends at ENDLESS_BYTES, and any answer at ANSWER_SECONDS.
"""

import argparse
import gzip
import http.server
import os
import signal
import threading
import time
import urllib.parse
from dataclasses import dataclass, field

ENDLESS_BYTES = 256 << 20
ANSWER_SECONDS = 90

TYPES = {
    ".jpg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
    ".mp3": "audio/mpeg", ".wav": "audio/x-wav", ".amr": "audio/amr",
    ".mp4": "video/mp4", ".mpg": "video/mpeg", ".avi": "video/x-msvideo", ".wmv": "video/x-ms-wmv",
    ".mov": "video/quicktime", ".3gp": "video/3gpp",
    ".vcf": "text/vcard", ".ics": "text/calendar", ".pdf": "application/pdf",
}


@dataclass
class Resource:
    """The answer of one path."""
    body: bytes = b""
    mime: str | None = None         # None: no Content-Type at all
    status: int = 200
    headers: dict = field(default_factory=dict)
    delay: float = 0                # seconds before the answer begins
    chunked: bool = False           # chunked, so without Content-Length
    no_length: bool = False         # no length at all: the end of the connection ends the body
    gzip: bool = False              # compressed, if the client accepts that
    endless: bool = False           # repeats the body without end
    drip: float = 0                 # bytes a second, sent a few at a time
    cut: int = 0                    # how many bytes fewer than Content-Length are sent
    body_of: object = None          # if given, called for the body of each request
    bytes_sent: int = 0             # over all requests


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = ANSWER_SECONDS

    def log_message(self, format, *args):
        """Logs nothing: tests read server.hits."""

    def do_GET(self):
        self.ends = time.monotonic() + ANSWER_SECONDS
        path = urllib.parse.unquote(self.path)
        self.server.owner.note(path, dict(self.headers))
        resource = self.server.owner.find(path) or Resource(b"not here\n", "text/plain", 404)
        self.server.owner.stopping.wait(resource.delay)
        try:
            self.answer(resource)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            self.close_connection = True

    do_HEAD = do_GET

    def answer(self, r):
        body = r.body_of() if r.body_of else r.body
        self.send_response(r.status)
        if r.mime is not None:
            self.send_header("Content-Type", r.mime)
        if r.gzip and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        for name, value in r.headers.items():
            self.send_header(name, value)
        if r.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif r.no_length or r.endless:
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.send_body(r, body)

    def send_body(self, r, body):
        if r.cut:
            body = body[:-r.cut]
            self.close_connection = True
        for piece in self.pieces(r, body):
            if r.chunked:
                piece = b"%x\r\n%s\r\n" % (len(piece), piece)
            self.wfile.write(piece)
            r.bytes_sent += len(piece)
            if time.monotonic() > self.ends or self.server.owner.stopping.is_set():
                self.close_connection = True
                return
        if r.chunked:
            self.wfile.write(b"0\r\n\r\n")

    def pieces(self, r, body):
        if r.drip:
            step = max(1, int(r.drip / 10))
            for start in range(0, len(body), step):
                self.server.owner.stopping.wait(step / r.drip)
                yield body[start:start + step]
        elif r.endless:
            block = body * max(1, 65536 // max(1, len(body)))
            for _ in range(ENDLESS_BYTES // len(block)):
                yield block
        else:
            for start in range(0, len(body), 65536):
                yield body[start:start + 65536]


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        """Ignores clients that disconnect, which is part of many tests."""


class MediaServer:
    def __init__(self, port=0, host="127.0.0.1", folder=None, delay=0):
        self.resources, self.hits, self.folder, self.delay = {}, [], folder, delay
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.http = Server((host, port), Handler)
        self.http.owner = self
        self.host, self.port = host, self.http.server_address[1]
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def url(self, path):
        host = self.host if self.host != "0.0.0.0" else "127.0.0.1"
        return f"http://{host}:{self.port}/{path}"

    def add(self, path, resource):
        """Answers path with the resource from now on. Returns its URL."""
        with self.lock:
            self.resources["/" + path] = resource
        return self.url(path)

    def redirect(self, path, target, status=302):
        return self.add(path, Resource(b"moved", "text/plain", status, {"Location": target}))

    def find(self, path):
        with self.lock:
            if path in self.resources:
                return self.resources[path]
        return self.from_folder(path) if self.folder else None

    def from_folder(self, path):
        full = os.path.realpath(os.path.join(self.folder, path.lstrip("/")))
        if not full.startswith(os.path.realpath(self.folder) + os.sep) or not os.path.isfile(full):
            return None
        with open(full, "rb") as f:
            body = f.read()
        return Resource(body, TYPES.get(os.path.splitext(full)[1].lower()), delay=self.delay)

    def note(self, path, headers):
        with self.lock:
            self.hits.append((path, headers))

    def count(self, path):
        """Returns how often path (without a leading slash) was requested."""
        with self.lock:
            return sum(1 for hit, _ in self.hits if hit == "/" + path)

    def stop(self):
        self.stopping.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join(10)


def main():
    p = argparse.ArgumentParser(description="serves the media files of a folder on 127.0.0.1")
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--delay", type=float, default=0, help="seconds before each answer")
    p.add_argument("dir")
    a = p.parse_args()
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        server = MediaServer(a.port, folder=a.dir, delay=a.delay)
    except OSError as e:
        raise SystemExit(f"media server: port {a.port}: {e.strerror}")
    print(f"ready {server.port}", flush=True)
    signal.sigwait(ends)
    server.stop()


if __name__ == "__main__":
    main()
