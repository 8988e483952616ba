#!/usr/bin/python3
"""Makes every n-th allocation and every n-th I/O call fail once, n = 1, 2, 3... until no call is left to fail.

usage: walk.py --library fail.so [--seconds S] [--every K] [--case C] [--kind K] [--from-then-on] DIR

The cases text, keyed (with an Idempotency-Key), json and media are saves by savemms.fcgi as a plain CGI, one process each, send is a sendSavedMMS and
sendmms a sendMMS with media. helper is one run of savemms-helper --drain that encodes a sound and sends the postback,
and deliver is one that hands a message over.
The kinds are alloc, io, and write (the calls that take disk space). Without --every, --seconds says how
long a walk may take, and so how many points are left out. After each point target.py judges the result. Prints a line
for each walk and every finding. The status is 1 when there is a finding. Known faults of libraries are listed in the
file known beside this one and counted separately.
"""

import argparse
import errno
import math
import os
import re
import subprocess
import sys
import tempfile
import time

import target
from target import HERE, QUEUED, Target

ERRORS = {"io": [errno.EIO, errno.EMFILE, errno.ENOMEM, errno.EINTR], "write": [errno.ENOSPC, errno.EIO, errno.EINTR]}
FOR_EVER = {"io": [errno.EIO, errno.EMFILE], "write": [errno.ENOSPC, errno.EIO]}      # EINTR for ever is not a fault
PROGRAM = {"text": "savemms.fcgi", "keyed": "savemms.fcgi", "json": "savemms.fcgi", "media": "savemms.fcgi", "send": "savemms.fcgi", "sendmms": "savemms.fcgi",
           "helper": "savemms-helper", "deliver": "savemms-helper"}


def known_faults():
    """Returns (pattern of a report, name) of each known library fault that is not ours to repair."""
    with open(os.path.join(HERE, "known")) as f:
        rows = [line.strip().split(None, 1) for line in f if line.strip() and not line.startswith("#")]
    return [(re.compile(pattern), name) for name, pattern in rows]


class Walk:
    def __init__(self, site, args, case, kind):
        self.site, self.args, self.case, self.kind = site, args, case, kind
        self.report = os.path.join(site.folder, "report")
        self.points = self.known = 0
        self.findings, self.names, self.outcomes = [], {}, {}
        self.ids = []

    def env(self, n, error):
        env = {"LD_PRELOAD": self.args.library, "FAIL_PROGRAM": PROGRAM[self.case], "FAIL_KIND": self.kind,
               "FAIL_N": str(n), "FAIL_ERRNO": str(error), "FAIL_REPORT": self.report}
        if self.args.from_then_on:
            env["FAIL_FROM"] = "1"
        return env

    def run(self, n, error=errno.EIO):
        """Makes one run in which the n-th call fails. Returns (its outcome, the failed call or "")."""
        if os.path.exists(self.report):
            os.unlink(self.report)
        ran = self.site.run(self.case, env=self.env(n, error))
        if not os.path.exists(self.report):
            return ran, ""
        with open(self.report) as f:
            return ran, f.readline().strip()

    def point(self, n, error):
        """Tests one point. Returns False when there is no n-th call any more."""
        if self.case in QUEUED:
            self.ids.append(self.site.queue_one(self.case))
        before = self.site.count(self.case)
        ran, call = self.run(n, error)
        if not call:
            return False
        self.points += 1
        outcome = "success" if ran.success else ran.get("ERRORCODE") or f"status {ran.status}"
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        if self.case in QUEUED:
            wrong = [f"crash: {ran.crashed}"] if ran.crashed else []
            wrong += ["hangs"] if ran.hung else []
            self.site.helper()
        else:
            wrong = self.site.judge(self.case, ran, before)
            # libcurl reports some of its own memory failures as a failed connection.
            if self.kind == "alloc" and ran.refused and ran.get("ERRORCODE") != "E503" and "curl_multi_perform" not in call:
                wrong.append(f"memory was short, and it is told {ran.get('ERRORCODE')}")
            if self.args.from_then_on:      # a commit is in the log of a disk that stays broken: nobody is told anything
                wrong = [w for w in wrong if not w.startswith("hangs")]
        if wrong:
            self.note(n, error, call, wrong)
        return True

    def note(self, n, error, call, wrong):
        for pattern, name in self.args.known:
            if pattern.search(call):
                self.known += 1
                self.names[name] = self.names.get(name, 0) + 1
                return
        what = errno.errorcode[error] if self.kind != "alloc" else "ENOMEM"
        text = f"  {self.case} {self.kind} n={n} {what}: {'; '.join(wrong)}\n    at {self.named(call)}"
        self.findings.append(text)
        print(text, flush=True)

    def named(self, call):
        """Returns the report's line with the names of the program's own functions."""
        path = target.program(PROGRAM[self.case])
        places = re.findall(rf"{PROGRAM[self.case]}\+(0x[0-9a-f]+)", call)
        try:
            names = subprocess.run(["addr2line", "-fse", path, *places], capture_output=True, text=True).stdout.split("\n")
        except OSError:
            return call
        for place, name in zip(places, names[::2]):
            call = call.replace(f"{PROGRAM[self.case]}+{place}", name, 1)
        return call.split(" fail.so+")[0]

    def every(self):
        """Returns the step between points that lets the walk end in time."""
        if self.args.every:
            return self.args.every
        if self.case in QUEUED:
            self.site.work_off()        # the rest of the walk before
            self.ids.append(self.site.queue_one(self.case))
        began = time.monotonic()
        _, call = self.run(0)
        total = int(call.split()[1]) if call else 1
        each = (time.monotonic() - began) * (1.5 if self.case not in QUEUED else 2) + 0.1
        return max(1, math.ceil(total * each / self.args.seconds))

    def go(self):
        began, step = time.monotonic(), self.every()
        errors = (FOR_EVER if self.args.from_then_on else ERRORS).get(self.kind, [errno.ENOMEM])
        if step > 1:            # a short walk takes the errors in turn, a full one makes a walk with each
            n, turn = 1, 0
            while self.point(n, errors[turn % len(errors)]):
                n, turn = n + step, turn + 1
        else:
            for error in errors:
                n = 1
                while self.point(n, error):
                    n += 1
        if self.case in QUEUED:
            self.settle()
        mode = "from then on" if self.args.from_then_on else "once"
        known = "".join(f", {k} known ({name})" for name, k in self.names.items())
        print(f"{self.case:7} {self.kind:5} {mode}: {self.points} points (every {step}), "
              f"{len(self.findings)} findings{known}; {dict(sorted(self.outcomes.items()))}; "
              f"{time.monotonic() - began:.0f} s", flush=True)
        return self.findings

    def settle(self):
        """Checks after a helper's walk that everything is done and reported."""
        for what, which in self.site.unfinished(self.case, self.ids):
            self.findings.append(f"  {self.case} {self.kind}: {len(which)} {what}: {which[:5]}")
            print(self.findings[-1])


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1])
    parser.add_argument("--library", required=True)
    parser.add_argument("--seconds", type=float, default=10, help="for each walk")
    parser.add_argument("--every", type=int)
    parser.add_argument("--case", action="append", choices=list(PROGRAM))
    parser.add_argument("--kind", action="append", choices=["alloc", "io", "write"])
    parser.add_argument("--from-then-on", action="store_true")
    parser.add_argument("dir", nargs="?")
    args = parser.parse_args()
    args.library, args.known = os.path.abspath(args.library), known_faults()
    findings = []
    with tempfile.TemporaryDirectory(dir=args.dir) as folder:
        site = Target(folder)
        try:
            for case in args.case or list(PROGRAM):
                for kind in args.kind or ["alloc", "io"]:
                    findings += Walk(site, args, case, kind).go()
            findings += site.remove_all()
            findings += site.instance.faults()
        finally:
            site.end()
    print(f"walk: {len(findings)} findings")
    for finding in findings:
        if finding.startswith("references"):
            print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
