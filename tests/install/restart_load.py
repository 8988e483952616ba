#!/usr/bin/python3
"""Saves images and films straight at the socket of savemms.service while it is restarted, and looks for what went wrong.
usage: restart_load.py API-KEY     (test_unit_restart.sh runs it in a booted system)"""

import http.server
import subprocess
import sys
import threading
import time

import fastcgi
from client import request_xml

PORT, RESTARTS, SOCKET = 8099, 4, "/run/savemms/fcgi.sock"
FILES = {"/image.jpg": ("sample.jpg", "image/jpeg"), "/film.mp4": ("film.mp4", "video/mp4")}


class Outside(http.server.BaseHTTPRequestHandler):
    """The customer's server: it has the media, and gets the postbacks."""

    told = {}

    def log_message(self, format, *args):
        """Logs nothing."""

    def do_GET(self):
        name, mime = FILES[self.path]
        with open(name, "rb") as f:
            body = f.read()
        self.send_response(200)
        self.send_header("Content-Type", mime)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.told.setdefault(body.split("<MMSID>")[1].split("<")[0], []).append(time.time())
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Clients:
    def __init__(self, key):
        self.key, self.refused, self.saved, self.stop = key, [], set(), threading.Event()
        self.threads = [threading.Thread(target=self.save, args=how) for how in
                        [({"image": f"http://127.0.0.1:{PORT}/image.jpg"}, 0.05)] * 3 +
                        [({"video": f"http://127.0.0.1:{PORT}/film.mp4"}, 4)]]

    def save(self, slide, pause):
        while not self.stop.wait(pause):
            body = request_xml("saveMMS", self.key, [slide], name="n", fallbacksmstext="f").encode()
            try:
                request = fastcgi.Request(SOCKET, len(body))
                request.send(body)
                request.send(b"")
                answer, _ = request.answer()
                if answer.code is None:
                    self.saved.add(answer.mmsid)
                else:
                    self.refused.append(answer)
            except (OSError, AssertionError, ValueError, SyntaxError) as e:
                self.refused.append(repr(e))


def run(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def savemms(*argv):
    return run("runuser", "-u", "savemms", "--", "/opt/savemms/bin/savemms", "-C", "/var/lib/savemms", *argv)


def main():
    run("ip", "link", "set", "lo", "up")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Outside)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    savemms("account", "set", "demo", f"postback-url=http://127.0.0.1:{PORT}/postback")
    clients = Clients(sys.argv[1])
    for thread in clients.threads:
        thread.start()
    time.sleep(5)
    pids = set()
    for _ in range(RESTARTS):
        run("systemctl", "restart", "savemms.service")
        time.sleep(2)
        pids.add(run("systemctl", "show", "-P", "MainPID", "savemms.service").strip())
    clients.stop.set()
    for thread in clients.threads:
        thread.join()
    ends = time.time() + 120
    while set(Outside.told) < clients.saved and time.time() < ends:
        time.sleep(0.2)
    with open("/var/lib/savemms/log/savemms.log") as f:
        again = [line for line in f if ("again" in line and "reload: " not in line) or "attempt 2" in line]
    twice = [mmsid for mmsid, times in Outside.told.items() if len(times) > 1]
    print(f"{len(clients.saved)} saved, {len(clients.refused)} refused, {len(Outside.told)} told, {len(twice)} twice, "
          f"{len(pids)} programs, {savemms('check').strip()}")
    print(*clients.refused[:5], *again[:5], sep="\n")
    return 0 if (len(pids) == RESTARTS and len(clients.saved) > 50 and not clients.refused and not again and not twice and
                 set(Outside.told) == clients.saved) else 1


sys.exit(main())
