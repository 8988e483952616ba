"""Runs the program "savemms carrier" under test: starts it with rules and reads its lines."""

import os
import shlex

import procs
from instance import SLOW, free_port, program


class Carrier:
    """A carrier in a folder of its own. report is the URL to which it sends delivery reports by MM7."""

    def __init__(self, folder, rules="", port=None, report=None, report_user=None, user=None):
        self.folder, self.port = str(folder), port or free_port()
        os.makedirs(self.folder, exist_ok=True)
        self.keep, self.out = os.path.join(self.folder, "kept"), os.path.join(self.folder, "carrier.out")
        argv = [program("savemms"), "carrier", "--port", str(self.port), "--rules", self.file("rules", rules), "--keep", self.keep]
        for name, value in (("--report", report), ("--report-user", report_user), ("--user", user)):
            argv += [name, value] if value else []
        self.process = procs.start(argv, self.out, {**os.environ, "LANG": "C.UTF-8"})
        assert procs.wait_for(lambda: self.lines("listening") or self.process.poll() is not None, 10 * SLOW)
        assert self.process.poll() is None, self.text()

    @property
    def mm7(self):
        return f"http://127.0.0.1:{self.port}/mm7"

    @property
    def sendsms(self):
        return f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def text(self):
        with open(self.out, errors="replace") as f:
            return f.read()

    def lines(self, kind, **want):
        """Returns the lines that begin with kind and have the wanted values, as dicts."""
        found = []
        for line in self.text().splitlines():
            if line == kind or line.startswith(kind + " "):
                words = dict(w.split("=", 1) for w in shlex.split(line[len(kind):]) if "=" in w)
                if all(words.get(k) == v for k, v in want.items()):
                    found.append(words)
        return found

    def wait(self, kind, count=1, seconds=15, **want):
        assert procs.wait_for(lambda: len(self.lines(kind, **want)) >= count, seconds * SLOW), (kind, want, self.text())
        return self.lines(kind, **want)

    def kept(self, line, ending):
        with open(os.path.join(self.keep, f"{line['id']}.{ending}"), "rb") as f:
            return f.read()

    def stop(self):
        """Ends the carrier by SIGTERM and returns its last line."""
        if self.process.poll() is None:
            assert procs.stop(self.process, 20 * SLOW), self.text()
        assert self.process.returncode == 0, self.text()
        return self.lines("end")[0]
