#!/usr/bin/python3
"""Kills a save, a send and a helper's run at each of their system calls, by strace, and examines what is left.

usage: kill.py [--seconds S] [--every K] [--case C] [DIR]

A first run without a fault counts the calls of each name. Then, for each name and each n, a fresh run gets SIGKILL
at its n-th call of that name. After each run the store must open and answer within two seconds. An acknowledged MMSID
must exist and be complete; one that was not acknowledged is complete or does not exist. In the helper's case, every
job must be done. Prints a line for each case and every finding. The status is 1 when there is a finding.
"""

import argparse
import math
import os
import re
import subprocess
import sys
import tempfile
import time

from target import QUEUED, Target

CASES = ("text", "keyed", "media", "send", "sendmms", "helper", "deliver")
# These calls come before main(), look only at the process itself, or wait. Their number varies from run to run.
IDLE = re.compile(r"execve|brk|arch_prctl|set_tid_address|set_robust_list|rseq|prlimit64|getpid|getrandom|rt_sig\w+|"
                  r"futex|poll|clock_nanosleep|restart_syscall|wait4|umask|uname|sysinfo")
MOST = 300                  # of one name: more calls are polls of a lock


class Kills:
    def __init__(self, site, args, case):
        self.site, self.args, self.case = site, args, case
        self.trace = os.path.join(site.folder, "trace")
        self.findings, self.ids, self.outcomes, self.points, self.worst = [], [], {}, 0, 0.0

    def run(self, *inject):
        argv = ("strace", "-qq", "-o", self.trace, *inject)
        return self.site.run(self.case, argv)

    def calls(self):
        """Returns (name, n) of every call of a run without a fault, in order."""
        if self.case in QUEUED:
            self.site.work_off()        # the rest of the case before
            self.ids.append(self.site.queue_one(self.case))
        began = time.monotonic()
        ran = self.run()
        self.each = time.monotonic() - began + 0.3
        assert ran.status == 0, (ran, ran.err)
        seen, out = {}, []
        with open(self.trace, errors="replace") as f:
            for line in f:
                found = re.match(r"([a-z_0-9]+)\(", line)
                if not found or IDLE.fullmatch(found[1]) or seen.get(found[1], 0) == MOST:
                    continue
                seen[found[1]] = seen.get(found[1], 0) + 1
                out.append((found[1], seen[found[1]]))
        return out

    def point(self, name, n):
        if self.case in QUEUED:
            self.ids.append(self.site.queue_one(self.case))
        before = self.site.count(self.case)
        ran = self.run("-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={n}")
        began, wrong = time.monotonic(), []
        if self.case in QUEUED:
            self.site.count()
        else:
            wrong = self.site.judge(self.case, ran, before)
        self.worst = max(self.worst, ran.seconds)
        self.points += 1
        outcome = "killed" if ran.status in (-9, 137) and not ran.success else "killed, acknowledged" \
            if ran.status in (-9, 137) else "success" if ran.success else f"status {ran.status}"
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        if wrong:
            self.findings.append(f"  kill {self.case} at {name} {n}: {'; '.join(wrong)}")
            print(self.findings[-1], flush=True)
        if time.monotonic() - began > 10:
            self.findings.append(f"  kill {self.case} at {name} {n}: what came after took too long")

    def go(self):
        began, calls = time.monotonic(), self.calls()
        every = self.args.every or max(1, math.ceil(len(calls) * self.each / self.args.seconds))
        for name, n in calls[::every]:
            self.point(name, n)
        if self.case in QUEUED:
            self.settle()
        print(f"kill {self.case:7}: {self.points} points of {len(calls)} system calls, {len(self.findings)} findings; "
              f"{dict(sorted(self.outcomes.items()))}; {time.monotonic() - began:.0f} s", flush=True)
        return self.findings

    def settle(self):
        for what, which in self.site.unfinished(self.case, self.ids):
            self.findings.append(f"  kill {self.case}: {len(which)} {what}: {which[:3]}")
            print(self.findings[-1])


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1])
    parser.add_argument("--seconds", type=float, default=10, help="for each case")
    parser.add_argument("--every", type=int)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("dir", nargs="?")
    args = parser.parse_args()
    try:
        subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=True, capture_output=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        print("kill: strace cannot be used here")
        return 1
    findings = []
    with tempfile.TemporaryDirectory(dir=args.dir) as folder:
        site = Target(folder)
        try:
            for case in args.case or CASES:
                findings += Kills(site, args, case).go()
            for fault in site.remove_all() + site.instance.faults():
                print(fault)
                findings.append(fault)
        finally:
            site.end()
    print(f"kill: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
