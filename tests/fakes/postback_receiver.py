#!/usr/bin/python3
"""Receives postbacks, keeps them, and answers as a test wants. It uses only the standard library and only loopback.

In a test:   receiver = PostbackReceiver(); url = receiver.url("a"); receiver.script("a", [500, 200])
As program:  postback_receiver.py [--port N] DIR   writes each postback to DIR/NNNN.txt and prints it
"""

import argparse
import http.server
import json
import os
import signal
import threading
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

MOST_BYTES = 8 << 20


@dataclass
class Postback:
    path: str
    headers: dict       # names in lower case
    body: bytes
    at: float           # time.time()
    status: int         # the status of our answer
    method: str = "POST"

    @property
    def root(self):
        return ElementTree.fromstring(self.body)

    def text(self, name):
        """Returns the text of one node, by its name in A, or None when it is missing. In JSON it is a member of that name."""
        if self.body.startswith(b"{"):
            members = {member.replace("-", "").upper(): value for member, value in json.loads(self.body).items()}
            return members.get(name.replace("_", "").replace("-", ""))
        node = self.root.find(name)
        return None if node is None else node.text or ""

    def texts(self, name):
        return [node.text for node in self.root.findall(name)]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, format, *args):
        """Logs nothing: the postbacks themselves are kept."""

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, MOST_BYTES))
        owner = self.server.owner
        status, delay, headers = owner.answer_for(self.path)
        owner.stopping.wait(delay)
        # The postback is kept before the answer leaves, so that whoever sees the answer finds it.
        owner.keep(Postback(self.path, {k.lower(): v for k, v in self.headers.items()},
                            body, time.time(), status, self.command))
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_PUT = do_POST


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        """Ignores clients that disconnect, which is part of many tests."""


class PostbackReceiver:
    def __init__(self, port=0, on_postback=None):
        self.postbacks, self.scripts = [], {}
        self.changed, self.stopping = threading.Condition(), threading.Event()
        self.on_postback = on_postback
        self.http = Server(("127.0.0.1", port), Handler)
        self.http.owner = self
        self.port = self.http.server_address[1]
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    def script(self, path, answers):
        """Sets the answers of path: a list of status, (status, delay) or (status, delay, headers), one for each
        request. The last one also answers all later requests."""
        with self.changed:
            self.scripts["/" + path] = list(answers)

    def answer_for(self, path):
        with self.changed:
            answers = self.scripts.get(path)
            answer = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else 200
        if isinstance(answer, int):
            answer = (answer,)
        return (*answer, *(0, {})[len(answer) - 1:])

    def keep(self, postback):
        with self.changed:
            self.postbacks.append(postback)
            if self.on_postback:
                self.on_postback(postback)
            self.changed.notify_all()

    def got(self, path):
        with self.changed:
            return [p for p in self.postbacks if p.path == "/" + path]

    def wait(self, path, n=1, seconds=20):
        """Returns the postbacks to path once there are n of them, or fewer when time is up."""
        ends = time.monotonic() + seconds
        with self.changed:
            while True:
                here = [p for p in self.postbacks if p.path == "/" + path]
                left = ends - time.monotonic()
                if len(here) >= n or left <= 0:
                    return here
                self.changed.wait(left)

    def stop(self):
        self.stopping.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join(10)


def main():
    p = argparse.ArgumentParser(description="receives postbacks on 127.0.0.1 and keeps them in a folder")
    p.add_argument("--port", type=int, default=0)
    p.add_argument("dir")
    a = p.parse_args()
    os.makedirs(a.dir, exist_ok=True)
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    number = len(os.listdir(a.dir))

    def write(postback):
        nonlocal number
        number += 1
        name = os.path.join(a.dir, f"{number:04}.txt")
        lines = [f"{postback.method} {postback.path}"]
        lines += [f"{k}: {v}" for k, v in postback.headers.items()]
        with open(name + ".new", "wb") as f:
            f.write("\n".join(lines).encode() + b"\n\n" + postback.body)
        os.rename(name + ".new", name)
        print(f"postback {name}", flush=True)

    try:
        receiver = PostbackReceiver(a.port, write)
    except OSError as e:
        raise SystemExit(f"postback receiver: port {a.port}: {e.strerror}")
    print(f"ready {receiver.port}", flush=True)
    signal.sigwait(ends)
    receiver.stop()


if __name__ == "__main__":
    main()
