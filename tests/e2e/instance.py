"""An instance of savemms in a folder of its own, and a web server that serves it."""

import contextlib
import fcntl
import glob
import itertools
import os
import re
import signal
import socket
import subprocess
import time

import procs
from client import PATH, Client

PREFIX = os.environ.get("SAVEMMS_PREFIX", "/usr/local")
SLOW = float(os.environ.get("SAVEMMS_SLOW", "1"))      # how many times slower the build is (sanitizers, valgrind)
FAULT = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|UndefinedBehavior|ERROR SUMMARY: [1-9]|"
                   r"Invalid (read|write) of size|uninitialised value|Assertion .* failed|stack smashing|"
                   r"free\(\): |malloc\(\): |double free|core dumped|signal 11")

# The times are short, so that the tests of time-outs are short too.
SETTINGS = {
    "outgoing-allow": "127.0.0.0/8",
    "outgoing-ports": "any",
    "trusted-proxies": "127.0.0.3/32",
    "connect-ms": "2000",
    "medium-ms": str(int(4000 * SLOW)),
    "request-ms": str(int(8000 * SLOW)),
    "postback-ms": "2000",
    "retry-schedule": "1, 1",
    "max-pixels": "4000000",
    "max-frames": "20",
    "reserve-mb": "1",
}


def program(name, prefix=PREFIX):
    return os.path.join(prefix, "bin" if name == "savemms" else "libexec/savemms", name)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


NUMBER = itertools.count(1)


class Failed(Exception):
    """A command failed."""


class Instance:
    def __init__(self, folder, settings=None, demo=False, prefix=PREFIX):
        self.folder, self.server, self.port, self.has_base = str(folder), None, None, False
        self.program = program("savemms", prefix)
        self.settings = {**SETTINGS, **(settings or {})}
        self.env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8",
                    "SAVEMMS_CONF": os.path.join(self.folder, "savemms.conf")}
        self.env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        self.run("init", self.folder, *(["--demo"] if demo else []))
        self.configure(self.settings)
        self.log = self.folder + ".serve.log"

    def configure(self, settings):
        """Adds settings. If a key has two lines, the last one wins."""
        with open(os.path.join(self.folder, "savemms.conf"), "a") as f:
            f.writelines(f"{key} = {value}\n" for key, value in settings.items())
        if "base-url" not in self.settings and re.search(r"kind=(mm7|sms-http)", str(settings)):
            self.reached_at(9)                          # until serve() knows the port

    def reached_at(self, port):
        """Sets base-url, which transports need."""
        self.has_base = True
        with open(os.path.join(self.folder, "savemms.conf"), "a") as f:
            f.write(f"base-url = http://127.0.0.1:{port}\n")

    def command(self, *args, seconds=60):
        """Runs savemms. Returns (status, stdout, stderr)."""
        done = subprocess.run([self.program, *map(str, args)], env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=seconds * SLOW, text=True)
        return done.returncode, done.stdout, done.stderr

    def run(self, *args, **more):
        """Runs savemms and returns its output. Raises Failed when the command fails."""
        status, out, err = self.command(*args, **more)
        if status != 0:
            raise Failed(f"savemms {' '.join(map(str, args))}: status {status}\n{out}{err}")
        return out

    def account(self, name, **settings):
        """Adds an account (key names have _ for -). Returns its key."""
        pairs = [f"{key.replace('_', '-')}={value}" for key, value in settings.items()]
        out = self.run("account", "add", name, *pairs)
        found = re.search(r"^api_key:\s*([A-Za-z0-9]{32})\s*$", out, re.M)
        assert found, out
        return found.group(1)

    def caller(self, **settings):
        """A caller with a fresh account of this instance."""
        name = f"a{next(NUMBER)}"
        client = self.client(self.account(name, **settings))
        client.account = name
        return client

    def change(self, name, **settings):
        self.run("account", "set", name, *[f"{k.replace('_', '-')}={v}" for k, v in settings.items()])

    def serve(self, *args, server="lighttpd", seconds=20):
        """Starts a web server for the instance and waits until it answers."""
        assert self.server is None
        self.port = free_port()
        if self.has_base:
            self.reached_at(self.port)
        argv = [self.program, "serve", self.folder, "--port", str(self.port), "--server", server, *args]
        self.server = procs.start(argv, self.log, self.env)
        if not procs.wait_for(self.answers, seconds * SLOW) or self.server.poll() is not None:
            text = self.logs()
            self.stop()
            raise Failed(f"{' '.join(argv)} did not become ready:\n{text[-4000:]}")
        return self

    def answers(self):
        if self.server.poll() is not None:
            return True
        try:
            return Client(self.port, timeout=5).http("GET", PATH).code == "E100"
        except (OSError, AssertionError, SyntaxError):
            return False

    def client(self, key=None, **more):
        return Client(self.port, key, **more)

    def stop(self):
        """Ends the server if it still runs. Fails the test if the server does not end cleanly."""
        if self.server is None:
            return
        server, self.server = self.server, None
        clean = procs.stop(server, 20 * SLOW)
        left = procs.wait_gone(self.folder, 10 * SLOW)
        procs.kill_all(left)
        assert clean, f"SIGTERM did not end savemms serve:\n{self.logs()[-4000:]}"
        assert not left, f"left running after SIGTERM: {left}"

    def restart(self, *args, **more):
        self.stop()
        return self.serve(*args, **more)

    def log_files(self):
        return [self.log, *glob.glob(os.path.join(self.folder, "log", "*")),
                *glob.glob(os.path.join(self.folder, "**", "*.log"), recursive=True)]

    def logs(self):
        out = []
        for path in sorted(set(self.log_files())):
            try:
                with open(path, errors="replace") as f:
                    out.append(f"== {path}\n{f.read()}")
            except OSError:
                continue
        return "\n".join(out)

    def faults(self):
        """Returns the lines of the logs that show a fault in the program: from a sanitizer, valgrind or the C
        library."""
        return [line for line in self.logs().splitlines() if FAULT.search(line)]

    def pids(self, name):
        """Returns the ids of the instance's processes whose command line runs this program. Children of the same
        program are left out: they are copies that have not yet become another program, and the leak sanitizer's
        tracers."""
        return self.parents_and_children(name)[0]

    def transcoders(self):
        """Returns the ids of the running transcoders and of their children, which decode and encode."""
        return self.parents_and_children(program("savemms-transcode"))

    def parents_and_children(self, name):
        found = [pid for pid, command in procs.of_instance(self.folder) if name in command]
        children = [pid for pid in found if procs.parent_of(pid) in found]
        return [pid for pid in found if pid not in children], children

    @contextlib.contextmanager
    def no_helper(self):
        """Stops the helpers of the instance for the duration of the block. They stop outside the store: a helper that
        stopped inside it would keep out all others."""
        pids = self.pids("savemms-helper")
        assert pids
        try:
            for _ in range(100):
                self.signal(pids, signal.SIGSTOP)
                time.sleep(0.02)                        # the signal takes effect a little later
                if self.store_is_free():
                    break
                self.signal(pids, signal.SIGCONT)
                time.sleep(0.02)
            else:
                raise AssertionError("a helper is never outside the store")
            yield
        finally:
            self.signal(pids, signal.SIGCONT)

    def store_is_free(self):
        """Tells whether no process is in the store, and none syncs its log for all that wait for that."""
        with contextlib.ExitStack() as files:
            for name in ("lock", "sync"):
                lock = files.enter_context(open(os.path.join(self.folder, "db", name), "rb"))
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return False
        return True

    @staticmethod
    def signal(pids, number):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def wait_state(self, client, mmsid, seconds=60):
        """Returns the template's state once it is no longer encoding."""
        ends = time.monotonic() + seconds * SLOW
        while True:
            state = client.details(mmsid).findtext("STATE")
            if state != "encoding" or time.monotonic() > ends:
                return state
            time.sleep(0.1)


def as_cgi(instance, body=b"", method="POST", length=None, seconds=60, **env):
    """Runs the FastCGI program as a plain CGI, without a web server. Returns (HTTP status, headers, body)."""
    full = {**instance.env, "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": method,
            "REQUEST_URI": PATH, "SCRIPT_NAME": PATH, "QUERY_STRING": "", "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "HTTP_HOST": "127.0.0.1", "CONTENT_TYPE": "text/xml", "HTTP_ACCEPT": "text/xml",
            "CONTENT_LENGTH": str(len(body) if length is None else length), **env}
    full = {k: v for k, v in full.items() if v is not None}
    done = subprocess.run([program("savemms.fcgi")], env=full, input=body, capture_output=True, timeout=seconds * SLOW)
    head, _, rest = done.stdout.replace(b"\r\n", b"\n", 20).partition(b"\n\n")
    headers = {k.strip().lower(): v.strip() for k, _, v in
               (line.partition(":") for line in head.decode().splitlines())}
    assert headers, done
    return int(headers.get("status", "200").split()[0]), headers, rest
